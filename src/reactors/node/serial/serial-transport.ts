/**
 * The transport of a serial port.
 *
 * @module
 */
import { fail } from "../../../defer/combinators.ts";
import { Deferred } from "../../../defer/deferred.ts";
import { DeferredLock } from "../../../defer/deferred-lock.ts";
import { ConnectionLost } from "../../../internet/errors.ts";
import { type ISerialTransport, SerialPortError } from "../../../internet/interfaces-serial.ts";
import { sleep } from "../../../internet/task/defer-later.ts";
import type { ReactorBase } from "../../base/reactor-base.ts";
import type { TransportParts } from "../../base/conduit-transport.ts";
import { NodeTransport } from "../node-transport.ts";
import type { SerialHandle, SerialLines } from "./serial-library.ts";
import { checkedBaudRate } from "./serial-options.ts";

/** Seconds that a break lasts: pyserial's, which Twisted uses. */
const BREAK = 0.25;

/** See the top of this file. */
export class SerialTransport extends NodeTransport implements ISerialTransport {
  readonly #reactor: ReactorBase;
  readonly #port: SerialHandle;
  /** As the system sets them when a port is opened. */
  #lines: SerialLines = { dtr: true, rts: true, brk: false };
  /** Each change sets all the lines: one after the other. */
  readonly #setting = new DeferredLock();

  constructor(port: SerialHandle, parts: TransportParts) {
    super(parts);
    this.#reactor = parts.reactor;
    this.#port = port;
  }

  setBaudRate(baudRate: number): Deferred<void> {
    checkedBaudRate(baudRate);
    return this.#ask("set the speed", () => this.#port.update({ baudRate }));
  }

  flushInput(): Deferred<void> {
    return this.#ask("flush", () => this.#port.flush());
  }

  flushOutput(): Deferred<void> {
    return this.flushInput();
  }

  sendBreak(seconds: number = BREAK): Deferred<void> {
    return this.#set({ brk: true })
      .addCallback(() => sleep(this.#reactor, seconds))
      .addCallback(() => this.#set({ brk: false }));
  }

  setDTR(on = true): Deferred<void> {
    return this.#set({ dtr: on });
  }

  setRTS(on = true): Deferred<void> {
    return this.#set({ rts: on });
  }

  #set(change: Partial<SerialLines>): Deferred<void> {
    return this.#setting.run(() => {
      const lines = { ...this.#lines, ...change };
      return this.#ask("set a line", () => this.#port.set(lines)).addCallback(() => {
        this.#lines = lines;
      });
    });
  }

  getCTS(): Deferred<boolean> {
    return this.#get("cts");
  }

  getDSR(): Deferred<boolean> {
    return this.#get("dsr");
  }

  getCD(): Deferred<boolean> {
    return this.#get("dcd");
  }

  #get(line: "cts" | "dsr" | "dcd"): Deferred<boolean> {
    return this.#ask("read a line", () => this.#port.get()).addCallback((lines) => lines[line]);
  }

  #ask<T>(what: string, f: () => Promise<T>): Deferred<T> {
    const name = this.getPeer().toString();
    if (!this.connected) {
      return fail(new ConnectionLost(`Cannot ${what} of ${name}: the port is closed`));
    }
    return Deferred.fromPromise(f()).addErrback(({ value }): never => {
      throw new SerialPortError(`Cannot ${what} of ${name}: ${value.message}`, { cause: value });
    });
  }
}
