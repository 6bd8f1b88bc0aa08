/**
 * A serial port that does what it is told, for the tests of `src/reactors/node/serial`.
 *
 * @module
 */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert } from "vitest";
import { Deferred } from "../../src/defer/deferred.ts";
import { ClientFactory } from "../../src/internet/factory.ts";
import type { SerialPortOptions } from "../../src/internet/interfaces-serial.ts";
import { MemoryReactor } from "../../src/reactors/memory/memory-reactor.ts";
import { SerialConnector } from "../../src/reactors/node/serial/serial-connector.ts";
import type {
  OpenSerial,
  SerialHandle,
  SerialLines,
  SerialOpenOptions,
} from "../../src/reactors/node/serial/serial-library.ts";
import type { SerialTransport } from "../../src/reactors/node/serial/serial-transport.ts";
import { Witness } from "../../src/testing/contracts/witness.ts";
import { settled, until } from "./scene.ts";

/** A device. Each call is written down, and answered when the test says so. */
class Device implements SerialHandle {
  readonly calls: string[] = [];
  readonly lines: SerialLines[] = [];
  #read: { readonly buffer: Buffer; readonly answer: Deferred<{ bytesRead: number }> } | undefined;
  #waiting: Buffer[] = [];
  #written: Deferred<void> | undefined;
  #drained: Deferred<void> | undefined;
  taken = Buffer.alloc(0);
  isStalled = false;
  isBusy = false;

  read(buffer: Buffer): Promise<{ bytesRead: number }> {
    assert.isUndefined(this.#read, "one read at a time");
    const answer = new Deferred<{ bytesRead: number }>();
    this.#read = { buffer, answer };
    this.#answer();
    return answer.toPromise();
  }

  /** The device sends something. */
  says(text: string): void {
    this.#waiting.push(Buffer.from(text));
    this.#answer();
  }

  #answer(): void {
    const next = this.#read === undefined ? undefined : this.#waiting.shift();
    if (next === undefined) return;
    const read = this.#read;
    this.#read = undefined;
    read?.answer.callback({ bytesRead: next.copy(read.buffer) });
  }

  async write(bytes: Buffer): Promise<void> {
    assert.isUndefined(this.#written, "one write at a time");
    if (this.isStalled) {
      this.#written = new Deferred();
      await this.#written;
    }
    this.taken = Buffer.concat([this.taken, bytes]);
  }

  /** It is unplugged. */
  vanish(): void {
    const gone = new Error("EIO: i/o error");
    this.#read?.answer.errback(gone);
    this.#written?.errback(gone);
  }

  async drain(): Promise<void> {
    this.calls.push("drain");
    if (!this.isBusy) return;
    this.#drained = new Deferred();
    await this.#drained;
  }

  /** The line has taken all of it. */
  drained(): void {
    this.#drained?.callback();
  }

  async flush(): Promise<void> {
    this.calls.push("flush");
  }

  async close(): Promise<void> {
    this.calls.push("close");
    const cancelled = new Error("Canceled");
    this.#read?.answer.errback(cancelled);
    this.#written?.errback(cancelled);
  }

  async update({ baudRate }: { readonly baudRate: number }): Promise<void> {
    this.calls.push(`update ${String(baudRate)}`);
  }

  async set(lines: SerialLines): Promise<void> {
    this.lines.push(lines);
    await nextPass();
  }

  async get(): Promise<{ cts: boolean; dsr: boolean; dcd: boolean }> {
    return { cts: true, dsr: false, dcd: true };
  }
}

/** One port, opened by a client. */
export class SerialScene {
  readonly reactor = new MemoryReactor();
  readonly device = new Device();
  readonly asked: SerialOpenOptions[] = [];
  readonly connector: SerialConnector;
  readonly factory: ClientFactory<Witness>;
  failure: unknown;

  constructor(
    witness: Witness = new Witness(),
    options: SerialPortOptions = {},
    open: OpenSerial = (given) => {
      this.asked.push(given);
      return Promise.resolve(this.device);
    },
  ) {
    this.factory = ClientFactory.building(() => witness);
    this.factory.noisy = false;
    this.factory.clientConnectionFailed = (_connector, reason) => {
      this.failure = reason.value;
    };
    const library = (): Promise<OpenSerial> => Promise.resolve(open);
    const place = { path: "/dev/ttyX", factory: this.factory, options, library };
    this.connector = new SerialConnector(this.reactor, place);
    this.connector.connect();
  }

  until(holds: () => boolean): Promise<void> {
    return until(this.reactor, holds);
  }

  wait<T>(thing: PromiseLike<T>): Promise<T> {
    return settled(this.reactor, thing);
  }

  async transport(): Promise<SerialTransport> {
    await this.until(() => this.connector.transport?.connected === true);
    const { transport } = this.connector;
    assert(transport !== undefined);
    return transport;
  }
}
