/**
 * What a descriptor is that somebody else opened, as far as it can be seen from outside.
 *
 * Node says of a descriptor only whether it is TCP or a pipe. Linux tells more of UNIX sockets, in
 * proc(5) `/proc/net/unix`: kind, state and name.
 *
 *     Num       RefCount Protocol Flags    Type St Inode Path
 *     00000000: 00000002 00000000 00010000 0001 01 32335 /run/app.sock
 *
 * @module
 */
import { fstatSync, readFileSync, type Stats } from "node:fs";
import type { IAddress } from "../../internet/addresses.ts";
import type { SocketDomain } from "../../internet/interfaces-socket.ts";
import { CannotAdoptError } from "../../internet/socket-errors.ts";

/** A UNIX socket, as Linux lists it. */
export interface ListedSocket {
  /** Its path, `\0` and its abstract name, or empty. */
  readonly name: string;
  readonly state: "listening" | "connected" | "other";
}

const LINE =
  /^(?:\S+ ){3}(?<flags>[\da-f]+) (?<type>\d+) (?<state>\d+) +(?<inode>\d+)(?: (?<name>.*))?$/iu;
const SOCK_STREAM = "0001";
/** `__SO_ACCEPTCON`. */
const ACCEPTS = 0x1_00_00;
const SS_CONNECTED = "03";

/**
 * Look at a descriptor that should be a stream socket.
 *
 * @returns What is known of it, if it is one of UNIX; `undefined` if it is another, or if this
 * system does not tell.
 * @throws {CannotAdoptError} It is not open, or no stream socket. It is as it was.
 */
export function inspectDescriptor(fileDescriptor: number): ListedSocket | undefined {
  const stats = statusOf(fileDescriptor);
  if (!stats.isSocket()) {
    const what = stats.isFile() ? "a file" : stats.isFIFO() ? "a pipe" : "something else";
    throw new CannotAdoptError(fileDescriptor, `expected a stream socket, got ${what}`);
  }
  const listed = lineOf(stats.ino);
  if (listed === undefined) return undefined;
  const { flags = "", type, state, name = "" } = listed;
  if (type !== SOCK_STREAM) {
    const problem = "expected a stream socket, got a UNIX socket of another type";
    throw new CannotAdoptError(fileDescriptor, problem);
  }
  const isListening = (Number.parseInt(flags, 16) & ACCEPTS) !== 0;
  const isConnected = state === SS_CONNECTED;
  return {
    name: name.replace(/^@/u, "\0"),
    state: isListening ? "listening" : isConnected ? "connected" : "other",
  };
}

function statusOf(fileDescriptor: number): Stats {
  try {
    return fstatSync(fileDescriptor);
  } catch (cause) {
    throw new CannotAdoptError(fileDescriptor, "expected one that is open", { cause });
  }
}

function lineOf(inode: number): Readonly<Record<string, string | undefined>> | undefined {
  let table: string;
  try {
    table = readFileSync("/proc/net/unix", "utf8");
  } catch {
    return undefined; // Another system, or a closed sandbox.
  }
  const wanted = String(inode);
  for (const line of table.split("\n")) {
    const fields = line.includes(wanted) ? LINE.exec(line)?.groups : undefined;
    if (fields?.["inode"] === wanted) return fields;
  }
  return undefined;
}

const DOMAINS: Readonly<Record<IAddress["kind"], SocketDomain | undefined>> = {
  IPv4: "INET",
  IPv6: "INET6",
  UNIX: "UNIX",
  hostname: undefined,
  none: undefined,
};

/** What is wrong with a socket at that address, if another domain was asked for. */
export function wrongDomain(
  domain: SocketDomain | undefined,
  address: IAddress,
): string | undefined {
  const found = DOMAINS[address.kind];
  if (domain === undefined || domain === found) return undefined;
  return `expected a socket of domain ${domain}, got ${String(found)}`;
}
