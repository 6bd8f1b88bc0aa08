/**
 * How datagrams go out: the handle below a socket says at once what became of a datagram, and that
 * is asked.
 *
 * A socket of Node's own tells it to a callback, at the end of the turn, or else not at all. That
 * costs an object and a call for each datagram, which nearly always has left by then. (UDP echo on
 * Node 20: 0.92 times the CPU time.) The handle is no documented part of Node; where it is not as
 * we know it, there are callbacks, and everything works the same, only slower.
 *
 * @module
 */
import type { Socket } from "node:dgram";
import { getSystemErrorName } from "node:util";

/**
 * Each callback waits for the end of the turn: of more than these at once, the rest do without, and
 * their failures are not seen. A loop that writes a million datagrams costs no memory.
 */
const UNCONFIRMED_MAX = 1024;

/** Told of a datagram that has not been sent; perhaps from inside `send`. */
type Failed = (error: NodeJS.ErrnoException) => void;

/** Node's callback of a send. */
type Done = (error: NodeJS.ErrnoException | null) => void;

/** See the top of this file. */
export class DatagramOutlet {
  readonly #socket: Socket;
  readonly #failed: Failed;
  readonly #isTold: boolean;
  #unconfirmed = 0;

  /** @param socket It is bound. */
  constructor(socket: Socket, failed: Failed) {
    this.#socket = socket;
    this.#failed = failed;
    this.#isTold = tellAtOnce(socket, failed);
  }

  /** Send it. @param host Missing: to the peer that the socket is connected to. */
  send(bytes: Uint8Array, host: string | undefined, port: number): void {
    const done = this.#isTold ? undefined : this.#nextDone();
    if (host === undefined) this.#socket.send(bytes, done);
    else this.#socket.send(bytes, port, host, done);
  }

  #nextDone(): Done | undefined {
    if (this.#unconfirmed === UNCONFIRMED_MAX) return undefined;
    this.#unconfirmed += 1;
    return this.#done;
  }

  readonly #done: Done = (error) => {
    this.#unconfirmed -= 1;
    if (error !== null) this.#failed(error);
  };
}

/** Have the socket's handle tell `failed`. @returns Is it one that we know? */
function tellAtOnce(socket: Socket, failed: Failed): boolean {
  const handle = handleOf(socket);
  const send: unknown = handle === undefined ? undefined : Reflect.get(handle, "send");
  if (handle === undefined || typeof send !== "function") return false;
  const completed = (status: number): void => {
    if (status < 0) failed(sendError(status));
  };
  // Given: a request, the pieces, how many; unless it is connected, port and host; and whether to
  // call `oncomplete` of the request when it does not leave at once.
  Reflect.set(handle, "send", (...given: unknown[]): unknown => {
    const [request] = given;
    if (isObject(request)) {
      Reflect.set(request, "oncomplete", completed);
      given[given.length - 1] = true;
    }
    const status: unknown = Reflect.apply(send, handle, given);
    if (typeof status === "number") completed(status);
    return status;
  });
  return true;
}

function handleOf(socket: Socket): object | undefined {
  const symbols = Object.getOwnPropertySymbols(socket);
  const symbol = symbols.find(({ description }) => description === "state symbol");
  const state: unknown = symbol === undefined ? undefined : Reflect.get(socket, symbol);
  const handle: unknown = isObject(state) ? Reflect.get(state, "handle") : undefined;
  return isObject(handle) ? handle : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function sendError(status: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(status);
  const error: NodeJS.ErrnoException = new Error(`send ${code}`);
  error.code = code;
  error.errno = status;
  error.syscall = "send";
  return error;
}
