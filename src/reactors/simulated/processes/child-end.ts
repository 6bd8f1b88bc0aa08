/**
 * The child's end of a pipe, which whoever plays the child reads and writes.
 *
 *     write ─▶ waiting ─(as there is room)─▶ socket   as if it stood still in write(2)
 *     socket ─▶ onData, or whoever iterates           not read while nobody asks
 *
 * @module
 */
import type { ConduitOwner } from "../../base/conduit.ts";
import type { SimulatedSocket } from "../tcp/socket.ts";
import type { ChildStream } from "./child-program.ts";

/** Bytes that are written at a time. */
const PIECE = 65_536;

/** The child that has it. */
export interface ChildEndOwner {
  /** Does it run, and was not told to exit? */
  readonly acts: boolean;
  /** It reads a piece. @returns Does it live to see it? */
  reads(): boolean;
  /** It writes. @returns So many bytes get out, and then it is out of memory; else `undefined`. */
  lastWords(bytes: number): number | undefined;
  /** The kernel, out of memory, kills it. */
  runOut(): void;
  /** It writes, and nobody reads any more. */
  pipeBroken(): void;
  /** All that was written is taken. */
  taken(): void;
}

/** See the top of this file. Without a socket it is `/dev/null`. */
export class ChildEnd implements ChildStream, ConduitOwner {
  readonly #child: ChildEndOwner;
  readonly #socket: SimulatedSocket | undefined;
  /** Nothing comes from the parent but its end. */
  readonly #isOutput: boolean;
  #data: ((data: Buffer) => void) | undefined;
  #ended: (() => void) | undefined;
  #paused = false;
  #frozen = false;
  /** Whoever waits for the next piece. */
  #next: ((result: IteratorResult<Buffer, undefined>) => void) | undefined;
  #over = false;
  #waiting: Buffer[] = [];
  #full = false;
  #broken = false;
  #closing = false;
  #writers: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor(child: ChildEndOwner, socket?: SimulatedSocket, isOutput = false) {
    this.#child = child;
    this.#socket = socket;
    this.#isOutput = isOutput;
    this.#over = socket === undefined;
    if (socket !== undefined) socket.owner = this;
    this.#readIfWanted();
  }

  // -- Reading

  onData(f: (data: Buffer) => void): void {
    this.#data = f;
    this.#readIfWanted();
  }

  onEnd(f: () => void): void {
    this.#ended = f;
  }

  pause(): void {
    this.#paused = true;
    this.#readIfWanted();
  }

  resume(): void {
    this.#paused = false;
    this.#readIfWanted();
  }

  #readIfWanted(): void {
    const wanted = this.#isOutput || this.#next !== undefined || this.#data !== undefined;
    if (wanted && !this.#paused && !this.#frozen) this.#socket?.startReading();
    else this.#socket?.stopReading();
  }

  async all(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async text(): Promise<string> {
    return (await this.all()).toString();
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return {
      next: () =>
        new Promise((resolve) => {
          this.#next = resolve;
          if (this.#over) this.#handNext({ done: true, value: undefined });
          else this.#readIfWanted();
        }),
    };
  }

  /** @returns Did somebody wait? */
  #handNext(result: IteratorResult<Buffer, undefined>): boolean {
    const next = this.#next;
    this.#next = undefined;
    this.#readIfWanted();
    next?.(result);
    return next !== undefined;
  }

  bytesReceived(data: Buffer): void {
    if (!this.#child.acts || !this.#child.reads()) return;
    if (!this.#handNext({ done: false, value: data })) this.#data?.(data);
  }

  endReceived(): void {
    this.#over = true;
    if (this.#isOutput) this.#break();
    if (!this.#child.acts) return;
    this.#handNext({ done: true, value: undefined });
    this.#ended?.();
  }

  // -- Writing

  write(data: Uint8Array | string): boolean {
    const child = this.#child;
    if (!child.acts || this.#closing) return false;
    if (this.#socket === undefined) return true;
    if (this.#broken) {
      child.pipeBroken();
      return false;
    }
    const all = Buffer.from(data);
    const last = child.lastWords(all.length);
    for (let at = 0; at < (last ?? all.length); at += PIECE) {
      this.#waiting.push(all.subarray(at, Math.min(at + PIECE, last ?? all.length)));
    }
    this.#send();
    if (last !== undefined) child.runOut();
    return !this.#full;
  }

  /** Has the pipe taken all that was written? */
  get isTaken(): boolean {
    return this.#waiting.length === 0;
  }

  #send(): void {
    while (!this.#full && !this.#frozen) {
      const piece = this.#waiting.shift();
      if (piece === undefined) break;
      this.#full = this.#socket?.send([piece]) === false;
    }
    if (!this.isTaken) return;
    if (!this.#full) for (const one of this.#writers.splice(0)) one.resolve();
    if (this.#closing) this.#socket?.drop();
    this.#child.taken();
  }

  bytesSent(): void {
    this.#full = false;
    this.#send();
  }

  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#child.acts) return;
      if (this.#broken) reject(brokenPipe());
      else if (this.#full) this.#writers.push({ resolve, reject });
      else resolve();
    });
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#over = true;
    if (this.#child.acts) this.#send();
  }

  /** The parent has gone: whoever writes hears of it. */
  #break(): void {
    if (this.#broken) return;
    this.#broken = true;
    const isWriting = !this.isTaken || this.#writers.length > 0;
    this.#waiting = [];
    this.#full = false;
    if (isWriting) this.#child.pipeBroken();
    this.#child.taken();
    if (!this.#child.acts) return;
    for (const one of this.#writers.splice(0)) one.reject(brokenPipe());
  }

  connectionFailed(): void {
    this.#break();
    if (!this.#over) this.endReceived();
  }

  handshakeDone(): void {}

  // -- For the child

  /** It stands still, or goes on. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    this.#readIfWanted();
    if (!frozen) this.#send();
  }

  /** The child has ended: the kernel closes it. What waits here was never written. */
  closeByKernel(): void {
    this.#socket?.closeByKernel();
  }
}

function brokenPipe(): Error {
  return Object.assign(new Error("write EPIPE"), { code: "EPIPE", syscall: "write" });
}
