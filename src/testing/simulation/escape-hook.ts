/**
 * What leaves a simulation by the back door: work that the platform does in threads of its own, and
 * that no function in `globals.ts` stands in for. In `strict` mode each piece of it is told.
 *
 * @module
 */
import { createHook } from "node:async_hooks";
import { EscapeError } from "./escape-error.ts";

/** The kinds of work, as Node calls them, and what to ask for instead. */
const WORK: ReadonlyMap<string, string> = new Map([
  ["ZLIB", "zlib's functions that end in Sync, or deferToThread()"],
  ["PBKDF2REQUEST", "crypto.pbkdf2Sync(), or deferToThread()"],
  ["SCRYPTREQUEST", "crypto.scryptSync(), or deferToThread()"],
  ["RANDOMBYTESREQUEST", "reactor.randomBytes()"],
  ["RANDOMPRIMEREQUEST", "deferToThread()"],
  ["KEYPAIRGENREQUEST", "deferToThread()"],
  ["KEYGENREQUEST", "deferToThread()"],
  ["HASHREQUEST", "crypto.createHash()"],
  ["SIGNREQUEST", "crypto.sign()"],
  ["CHECKPRIMEREQUEST", "deferToThread()"],
  ["DERIVEBITSREQUEST", "deferToThread()"],
  ["CIPHERREQUEST", "crypto.createCipheriv()"],
  ["FSREQCALLBACK", "reactor.files"],
  ["FSREQPROMISE", "reactor.files"],
  ["FILEHANDLEREQ", "reactor.files"],
  ["FSEVENTWRAP", "reactor.files"],
  ["STATWATCHER", "reactor.files"],
  ["GETADDRINFOREQWRAP", "reactor.resolve()"],
  ["GETNAMEINFOREQWRAP", "reactor.resolve()"],
  ["QUERYWRAP", "reactor.resolve()"],
  ["TCPWRAP", "reactor.connectTCP() and listenTCP()"],
  ["TCPSERVERWRAP", "reactor.listenTCP()"],
  ["PIPEWRAP", "reactor.connectUNIX() and listenUNIX()"],
  ["PIPESERVERWRAP", "reactor.listenUNIX()"],
  ["UDPWRAP", "reactor.listenUDP()"],
  ["PROCESSWRAP", "reactor.spawnProcess()"],
  ["SIGNALWRAP", "reactor.addSignalHandler()"],
  ["WORKER", "deferToThread()"],
  ["HTTP2SESSION", "HTTP/1.1: sessions of HTTP/2 are Node's own"],
]);

/** Tell `escaped` of each piece of work that begins, until the hook is disabled. */
export function escapeHook(escaped: (error: EscapeError) => void): {
  enable(): unknown;
  disable(): unknown;
} {
  return createHook({
    init: (_id, type) => {
      const instead = WORK.get(type);
      if (instead !== undefined) escaped(new EscapeError(`what Node calls ${type}`, instead));
    },
  });
}
