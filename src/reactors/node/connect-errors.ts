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
  ["ENOTFOUND", UnknownHostError],
  ["EAI_NONAME", UnknownHostError],
  ["EAI_AGAIN", DNSLookupError],
  ["EAI_FAIL", DNSLookupError],
]);

/** The typed error for what a socket or resolver said. */
export function connectError(destination: IAddress, cause: NodeJS.ErrnoException): ConnectError {
  const Class = CLASSES.get(cause.code) ?? ConnectFailedError;
  return new Class(`Cannot connect to ${destination.toString()}: ${cause.message}`, destination, {
    cause,
  });
}
