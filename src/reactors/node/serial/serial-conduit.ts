/**
 * Bytes over a serial port.
 *
 * @module
 */
import { succeed } from "../../../defer/combinators.ts";
import { Deferred } from "../../../defer/deferred.ts";
import { Failure } from "../../../defer/failure.ts";
import type { IDelayedCall } from "../../../internet/interfaces-reactor.ts";
import type { Closable, ReactorBase } from "../../base/reactor-base.ts";
import type { Conduit, ConduitOwner } from "../../base/conduit.ts";
import type { SerialHandle } from "./serial-library.ts";
import { readSome } from "./serial-reader.ts";

/** More than the system holds for a line: 4095 bytes on Linux. */
const READ_BYTES = 8192;
/** Seconds for the line to take what was written; as much as Linux gives it at a close. */
const CLOSING_WAIT = 30;

/** See the top of this file. */
export class SerialConduit implements Conduit, Closable {
  owner: ConduitOwner | undefined;
  readonly #reactor: ReactorBase;
  readonly #port: SerialHandle;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #reading = false;
  /** A read is under way; it cannot be called back. */
  #asked = false;
  /** What came of it when nobody was reading any more. */
  #held: Buffer | undefined;
  #over = false;
  #alarm: IDelayedCall | undefined;
  readonly #closed = new Deferred<void>();

  constructor(reactor: ReactorBase, port: SerialHandle) {
    this.#reactor = reactor;
    this.#port = port;
  }

  // -- Reading

  startReading(): void {
    this.#reading = true;
    if (this.#held === undefined) this.#ask();
    else this.#reactor.soon(() => this.#deliver());
  }

  stopReading(): void {
    this.#reading = false;
  }

  #ask(): void {
    if (this.#asked || this.#over) return;
    this.#asked = true;
    void readSome(this.#port, this.#buffer).then(
      (bytes) => {
        this.#asked = false;
        this.#held = Buffer.from(this.#buffer.subarray(0, bytes));
        this.#deliver();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #deliver(): void {
    if (!this.#reading || this.#over) return;
    const data = this.#held;
    this.#held = undefined;
    if (data !== undefined) this.owner?.bytesReceived(data);
    if (this.#reading) this.#ask();
  }

  // -- Writing

  send(chunks: readonly Uint8Array[]): boolean {
    void this.#port.write(Buffer.concat(chunks)).then(
      () => this.owner?.bytesSent(),
      (error: unknown) => this.#fail(error),
    );
    return false;
  }

  /** There is no way to say it. */
  shutdown(): void {}

  // -- Ending

  /** What was written is with the system; the line may need some time to take it. */
  close(): void {
    this.#end();
    this.#reactor.opened(this);
    this.#alarm = this.#reactor.callLater(CLOSING_WAIT, () => this.#give());
    const drained = (): void => {
      if (this.#alarm?.active !== true) return;
      this.#alarm.cancel();
      this.#close();
    };
    void this.#port.drain().then(drained, drained);
  }

  /** The line does not take it: throw it away, or whoever waits for it waits for ever. */
  #give(): void {
    const close = (): void => this.#close();
    void this.#port.flush().then(close, close);
  }

  closeAtStop(): Deferred<void> {
    if (this.#alarm?.active === true) this.#alarm.cancel();
    this.#give();
    return succeed(undefined);
  }

  reset(): void {
    this.#end();
    this.#give();
  }

  drop(): void {
    this.reset();
  }

  #fail(error: unknown): void {
    if (this.#over) return; // It was closed, and the read given up.
    this.owner?.connectionFailed(Failure.of(error).value);
    this.#end();
    this.#close();
  }

  #end(): void {
    this.#over = true;
    this.owner = undefined;
  }

  #close(): void {
    this.#reactor.closed(this);
    const closed = (): void => this.#closed.callback();
    void this.#port.close().then(closed, closed); // It may be gone already.
  }

  /** Fires when others may open the port. */
  get closed(): Deferred<void> {
    const closed = new Deferred<void>();
    void this.#closed.addBoth(() => closed.callback());
    return closed;
  }
}
