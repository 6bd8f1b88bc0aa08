/**
 * What the system says when a connection does not come about, in our words.
 *
 * After: twisted.internet.error.getConnectError.
 *
 * @module
 */
import type { IAddress } from "../../internet/addresses.ts";
import {
  ConnectBindError,
  type ConnectError,
  ConnectFailedError,
  ConnectionRefusedError,
  ConnectionResetError,
  DNSLookupError,
  NoRouteError,
  ResourceExhaustedError,
  TCPTimedOutError,
  UnknownHostError,
} from "../../internet/errors.ts";

type ConnectErrorClass = new (
  message: string,
  destination?: IAddress,
  options?: ErrorOptions,
) => ConnectError;

const CLASSES = new Map<unknown, ConnectErrorClass>([
  ["ECONNREFUSED", ConnectionRefusedError],
  ["ENOENT", ConnectionRefusedError], // The file of a UNIX socket goes with its server.
  ["ECONNRESET", ConnectionResetError],
  ["ETIMEDOUT", TCPTimedOutError],
  ["ENETUNREACH", NoRouteError],
  ["EHOSTUNREACH", NoRouteError],
  ["EADDRINUSE", ConnectBindError],
  ["EADDRNOTAVAIL", ConnectBindError],
  ["EMFILE", ResourceExhaustedError],
  ["ENFILE", ResourceExhaustedError],
  ["ENOBUFS", ResourceExhaustedError],
  ["ENOMEM", ResourceExhaustedError],
  ["ERR_INVALID_IP_ADDRESS", ConnectBindError],
  ["ENOTFOUND", UnknownHostError],
  ["ERR_CONNECT_UNKNOWN_HOST", UnknownHostError],
  ["EAI_NONAME", UnknownHostError],
  ["EAI_AGAIN", DNSLookupError],
  ["EAI_FAIL", DNSLookupError],
]);

/** Whatever else these say: EINVAL of bind() is about our own end, of getaddrinfo() the name. */
const CLASSES_BY_CALL = new Map<unknown, ConnectErrorClass>([
  ["bind", ConnectBindError],
  ["getaddrinfo", DNSLookupError],
]);

/** The typed error for what a socket or resolver said. */
export function connectError(destination: IAddress, cause: NodeJS.ErrnoException): ConnectError {
  const known = CLASSES.get(cause.code) ?? CLASSES_BY_CALL.get(cause.syscall);
  const Class = known ?? ConnectFailedError;
  const why = cause.message.replaceAll("\0", "@"); // As abstract names of UNIX sockets are shown.
  return new Class(`Cannot connect to ${destination.toString()}: ${why}`, destination, { cause });
}
