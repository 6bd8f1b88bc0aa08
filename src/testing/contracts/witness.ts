/**
 * Protocols that see everything, and know what they must never see.
 *
 * A witness writes down what its transport calls. Whatever a contract is about, each witness also
 * checks the life of a connection: `connectionMade` once, `connectionLost` once and last, no call
 * from inside another, none from inside a request such as `write`. The suite fails a contract of
 * which a witness has violations.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import { Protocol } from "../../internet/protocol.ts";

/** What a witness does besides writing down. */
export interface WitnessHooks {
  readonly made?: (witness: Witness) => void;
  readonly data?: (witness: Witness, data: Buffer) => void;
  readonly lost?: (witness: Witness, reason: Failure) => void;
  readonly readLost?: (witness: Witness) => void;
  readonly writeLost?: (witness: Witness) => void;
}

type Callback =
  | "connectionMade"
  | "handshakeCompleted"
  | "dataReceived"
  | "readConnectionLost"
  | "writeConnectionLost"
  | "connectionLost";

/** See the top of this file. */
export class Witness extends Protocol {
  /** What was called, in order. */
  readonly calls: Callback[] = [];
  /** What must not have happened. */
  readonly violations: string[] = [];
  /** What was received, piece by piece. */
  readonly pieces: Buffer[] = [];
  /** How much was received. */
  bytes = 0;
  /** Why it ended, once it has. */
  reason: Failure | undefined;
  /** What its hooks do. */
  protected readonly hooks: WitnessHooks;
  /** The callback or request that is under way. */
  #inside: string | undefined;

  constructor(hooks: WitnessHooks = {}) {
    super();
    this.hooks = hooks;
  }

  /** What was received, as text. */
  get text(): string {
    return Buffer.concat(this.pieces).toString();
  }

  /** The last `count` bytes of what was received, as text. */
  last(count: number): string {
    let bytes = 0;
    let from = this.pieces.length;
    while (from > 0 && bytes < count) {
      from -= 1;
      bytes += this.pieces[from]?.length ?? 0;
    }
    return Buffer.concat(this.pieces.slice(from)).subarray(-count).toString();
  }

  /** What was called, in order; the bytes that came one after the other count as one call. */
  get life(): readonly Callback[] {
    return this.calls.filter((what, at) => what !== "dataReceived" || what !== this.calls[at - 1]);
  }

  /** Has `connectionMade` been called? */
  get made(): boolean {
    return this.calls.includes("connectionMade");
  }

  override connectionMade(): void {
    this.called("connectionMade", () => this.hooks.made?.(this));
  }

  override dataReceived(data: Buffer): void {
    this.pieces.push(data);
    this.bytes += data.length;
    this.called("dataReceived", () => this.hooks.data?.(this, data));
  }

  override connectionLost(reason: Failure): void {
    this.reason = reason;
    this.called("connectionLost", () => this.hooks.lost?.(this, reason));
  }

  // -- Requests, during which nothing may be called back

  /** `transport.write`. */
  write(data: Uint8Array | string): void {
    this.#request("write", () => this.transport.write(data));
  }

  /** `transport.loseConnection`. */
  lose(): void {
    this.#request("loseConnection", () => this.transport.loseConnection());
  }

  /** `transport.abortConnection`. */
  abort(): void {
    this.#request("abortConnection", () => this.transport.abortConnection());
  }

  /** `transport.loseWriteConnection`. */
  loseWrite(): void {
    this.#request("loseWriteConnection", () => this.transport.loseWriteConnection());
  }

  /** `transport.pauseProducing`. */
  pause(): void {
    this.#request("pauseProducing", () => this.transport.pauseProducing());
  }

  /** `transport.resumeProducing`. */
  resume(): void {
    this.#request("resumeProducing", () => this.transport.resumeProducing());
  }

  #request(what: string, f: () => void): void {
    const before = this.#inside;
    this.#inside = what;
    try {
      f();
    } finally {
      this.#inside = before;
    }
  }

  /** The transport calls: write it down, see whether it may, and do what the hook says. */
  protected called(what: Callback, hook: () => void): void {
    this.#check(what);
    this.calls.push(what);
    this.#request(what, hook);
  }

  #check(what: Callback): void {
    if (this.#inside !== undefined)
      this.violations.push(`${what} came from inside ${this.#inside}`);
    if (this.calls.includes("connectionLost")) this.violations.push(`${what} after connectionLost`);
    if (what === "connectionMade" && this.made) this.violations.push("connectionMade came twice");
    if (what !== "connectionMade" && !this.made) {
      this.violations.push(`${what} came before connectionMade`);
    }
  }
}

/** A witness that lives on when one direction has ended. */
export class HalfCloseWitness extends Witness {
  /** The peer sends no more. */
  readConnectionLost(): void {
    this.called("readConnectionLost", () => this.hooks.readLost?.(this));
  }

  /** The peer has been told that we send no more. */
  writeConnectionLost(): void {
    this.called("writeConnectionLost", () => this.hooks.writeLost?.(this));
  }
}
