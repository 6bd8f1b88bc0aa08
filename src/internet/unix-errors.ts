/**
 * What goes wrong with UNIX sockets only.
 *
 * After: twisted.internet.error.BadFileError.
 *
 * @module
 */
import { SennitError } from "../core/errors.ts";
import { ConnectError } from "./errors.ts";

/** A UNIX socket that cannot be the right one: its server is dead, or no socket has such a name. */
export class BadFileError extends ConnectError {
  readonly code = "ERR_CONNECT_BAD_FILE";
}

/** Another process listens there, and its lock says so. The cause of a `CannotListenError`. */
export class SocketLockedError extends SennitError {
  readonly code = "ERR_SOCKET_LOCKED";
  /** The lock file. */
  readonly path: string;
  /** The process that holds it, maybe this one. */
  readonly pid: number;
  constructor(path: string, pid: number) {
    super(`the lock ${path} is held by process ${String(pid)}, which is alive`);
    this.path = path;
    this.pid = pid;
  }
}
