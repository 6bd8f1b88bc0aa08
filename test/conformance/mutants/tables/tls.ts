/**
 * Reactors that are wrong about TLS: the handshake, what is agreed on in it, and bytes.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";
import { TLS_EDITS } from "./tls-edits.ts";

const CONDUIT = "reactors/node/tls-conduit.ts";
const CONTEXT = "reactors/node/tls-context.ts";

const NO_CIPHER = "no cipher in common: TLSHandshakeError for both";
const NO_PROTOCOL = "no protocol in common: TLSHandshakeError for both";
const OLD_SERVER =
  "a server that knows TLS 1.2, a client that wants 1.3: TLSHandshakeError for both";
const OLD_CLIENT =
  "a server that wants TLS 1.3, a client that knows 1.2: TLSHandshakeError for both";

/** For `TLS`. */
export const tlsMutants: readonly Mutant[] = [
  {
    ...TLS_EDITS.notSecure,
    kills: ["connectionMade() comes before the handshake, and what is written then waits for it"],
  },
  {
    ...TLS_EDITS.lateNews,
    kills: ["handshakeCompleted() comes once, before the first byte"],
  },
  {
    name: "handshakeCompleted() comes twice",
    file: CONDUIT,
    find: "this.owner?.handshakeDone();",
    replace: "this.owner?.handshakeDone();\n    this.owner?.handshakeDone();",
    kills: ["handshakeCompleted() comes once, before the first byte"],
    on: "node",
  },
  {
    name: "what is written before the handshake is done goes out after the rest",
    file: CONDUIT,
    find: "this.#socket.cork();",
    replace: `if (this.#session === undefined) {
      const held = [...chunks];
      this.#reactor.callLater(0.2, () => held.forEach((one) => this.#socket.write(one)));
      return;
    }
    this.#socket.cork();`,
    kills: ["what is written before, in and after handshakeCompleted() keeps its order"],
    on: "node",
  },
  {
    name: "what waits for the handshake passes for sent",
    file: CONDUIT,
    find: "this.#owed = true;\n    return false;",
    replace: "return true;",
    kills: ["what waits for the handshake is counted, and drained() waits with it"],
    on: "node",
  },
  {
    name: "the session does not know the server's name",
    file: CONDUIT,
    find: "this.serverName = serverNameOf(socket);",
    replace: 'this.serverName = "";',
    kills: ["the session says what was agreed on"],
    on: "node",
  },
  {
    name: "the session is forgotten at the end",
    file: "reactors/base/conduit-transport.ts",
    find: "return this.#tls?.session;",
    replace: "return this.connected ? this.#tls?.session : undefined;",
    kills: ["the session is known after the end"],
    on: "node",
  },
  {
    name: "the client's first protocol is taken",
    file: CONTEXT,
    find: "return chosen?.acceptableProtocols.find((one) => protocols.includes(one));",
    replace: "return protocols.find((one) => chosen?.acceptableProtocols.includes(one));",
    kills: ["of the protocols of both, the server's first is taken"],
    on: "node",
  },
  {
    name: "without a protocol in common the client's first is taken",
    file: CONTEXT,
    find: ".find((one) => protocols.includes(one));",
    replace: ".find((one) => protocols.includes(one)) ?? protocols[0];",
    kills: [NO_PROTOCOL],
    on: "node",
  },
  {
    name: "where nothing was agreed on it is HTTP",
    file: CONDUIT,
    find: "socket.alpnProtocol || undefined",
    replace: 'socket.alpnProtocol || "http/1.1"',
    kills: [
      "a client that offers no protocol gets none",
      "a server that has no protocols takes none",
    ],
    on: "node",
  },
  {
    name: "the newest version of all is spoken",
    file: CONTEXT,
    find: "maxVersion: settings.maximum,",
    replace: 'maxVersion: "TLSv1.3",',
    kills: ["the newest version of both is taken", OLD_SERVER, OLD_CLIENT],
    on: "node",
  },
  {
    name: "versions are older than need be",
    file: CONTEXT,
    find: "maxVersion: settings.maximum,",
    replace: "maxVersion: settings.minimum,",
    kills: ["the newest version of both is taken", "the session says what was agreed on"],
    on: "node",
  },
  {
    name: "every version is called the newest",
    file: CONDUIT,
    find: 'this.version = socket.getProtocol() ?? "unknown";',
    replace: 'this.version = "TLSv1.3";',
    kills: ["the newest version of both is taken"],
    on: "node",
  },
  {
    name: "all ciphers are acceptable",
    file: CONTEXT,
    find: "ciphers: ciphersOf(settings),",
    replace: "ciphers: DEFAULT_CIPHERS,",
    kills: [NO_CIPHER],
    on: "node",
  },
  {
    ...TLS_EDITS.vagueReason,
    kills: [NO_CIPHER, NO_PROTOCOL, OLD_SERVER, OLD_CLIENT],
  },
  {
    name: "no session is offered again",
    file: CONTEXT,
    find: "...(kept !== undefined && { session: kept.ticket }),",
    replace: "",
    kills: ["a session is resumed where both want that"],
    on: "node",
  },
  {
    name: "a session that is resumed does not know the server",
    file: CONTEXT,
    find: "socket.isSessionReused() ? offered.get(socket)?.peer : undefined",
    replace: "undefined",
    kills: ["a session is resumed where both want that"],
    on: "node",
  },
  {
    name: "servers that want no sessions resume them",
    file: CONTEXT,
    find: "secureOptions: settings.sessions ? LASTING : LASTING | constants.SSL_OP_NO_TICKET,",
    replace: "secureOptions: LASTING,",
    kills: ["no session is resumed where one does not want that"],
    on: "node",
  },
  {
    name: "all servers take each other's tickets",
    file: CONTEXT,
    find: "honorCipherOrder: true,",
    replace: "honorCipherOrder: true,\n    ticketKeys: Buffer.alloc(48, 7),",
    kills: ["a session is nothing to a server with other options"],
    on: "node",
  },
  {
    ...TLS_EDITS.loss,
    kills: ["10 MB in both directions at once arrive whole"],
  },
  {
    name: "a byte that comes alone waits for company, in vain",
    file: CONDUIT,
    find: "const bytes = chunks.reduce(",
    replace: "if (chunks[0]?.length === 1) return true;\n    const bytes = chunks.reduce(",
    kills: ["single bytes in turns of their own arrive in order"],
    on: "node",
  },
  {
    name: "large pieces pass for sent, and are later",
    file: CONDUIT,
    find: "else this.#send(chunks);",
    replace: `else {
      const held = [...chunks];
      this.#reactor.callLater(0.05, () => this.#send(held));
    }`,
    kills: ["what is written may be changed after the turn"],
    on: "node",
  },
  {
    name: "whoever was first gets everything",
    file: CONDUIT,
    find: "this.owner?.bytesReceived(data);",
    replace: "(globalThis.first ??= this).owner?.bytesReceived(data);",
    kills: ["thirty connections at once are each its own"],
    on: "node",
  },
  {
    name: "any timeout will do",
    file: CONDUIT,
    find: "checkedDelay(limits.handshakeTimeout ?? HANDSHAKE_TIMEOUT);\n  checkContext",
    replace: "checkContext",
    kills: ["limits and options that are none are refused"],
    on: "node",
  },
];
