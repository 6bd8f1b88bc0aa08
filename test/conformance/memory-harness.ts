/**
 * Lets a memory reactor work, in virtual time, so that contracts can be tried with it.
 *
 * @module
 */
import { setImmediate as nextPass } from "node:timers/promises";
import { MemoryReactor } from "../../src/reactors/memory/memory-reactor.ts";
import type { ReactorHarness } from "../../src/testing/contracts/harness.ts";
import type { Place } from "../../src/testing/contracts/network.ts";
import { unixNetwork } from "./unix-network.ts";

const REFUSING = 1;
const SILENT = 2;
const REFUSING_PATH = "/run/refusing.sock";
const SILENT_PATH = "/run/silent.sock";
/** Virtual seconds: calls later than that are set aside for ever, as far as contracts know. */
const HORIZON = 10;
/** Seconds: thousands of calls need not be looked for one by one; `advance` keeps them apart. */
const STEP = 0.001;
/** More than any contract takes: a hundred connections, 30 MB in steps. */
const PASSES_MAX = 10_000;
/** Turns without anything to do that promises get to bring something. */
const IDLE_TURNS_MAX = 10;

/** Over TCP. */
export class MemoryHarness implements ReactorHarness {
  readonly reactor = new MemoryReactor();
  #paths = 0;

  async settle(until: () => boolean): Promise<void> {
    let idle = 0;
    for (let passes = 0; !until(); passes += 1) {
      if (passes > PASSES_MAX) {
        throw new Error(`Waited ${String(PASSES_MAX)} passes for ${until.toString()}`);
      }
      this.#refuse();
      if (this.reactor.turn()) idle = 0;
      else idle += 1;
      await nextPass();
      if (until()) return;
      if (idle > IDLE_TURNS_MAX) {
        if (!this.#advance()) throw new Error(`Waited in vain for ${until.toString()}`);
        idle = 0;
      }
    }
  }

  /** To the next call. Set-aside ones never come. @returns Is there one? */
  #advance(): boolean {
    const now = this.reactor.seconds();
    const times = this.reactor.getDelayedCalls().map((call) => call.getTime());
    const next = Math.min(...times.filter((time) => time > now));
    if (next > now + HORIZON) return false;
    this.reactor.advance(Math.max(next - now, STEP));
    return true;
  }

  #refuse(): void {
    for (const { port, connector } of this.reactor.tcpClients) {
      if (port === REFUSING) connector.fail();
    }
    for (const { address, connector } of this.reactor.unixClients) {
      if (address === REFUSING_PATH) connector.fail();
    }
  }

  refusingPort(): Promise<Place> {
    return Promise.resolve(REFUSING);
  }

  silentPort(): Promise<Place> {
    return Promise.resolve(SILENT);
  }

  socketPath(): string {
    this.#paths += 1;
    return `/run/${String(this.#paths)}.sock`;
  }

  async dispose(): Promise<void> {
    let disposed = false;
    const disposal = this.reactor[Symbol.asyncDispose]().then(() => {
      disposed = true;
    });
    await this.settle(() => disposed);
    await disposal;
  }
}

/** Over UNIX sockets. */
export class MemoryUNIXHarness extends MemoryHarness {
  readonly network = unixNetwork(this.reactor, () => this.socketPath(), true);

  override refusingPort(): Promise<Place> {
    return Promise.resolve(REFUSING_PATH);
  }

  override silentPort(): Promise<Place> {
    return Promise.resolve(SILENT_PATH);
  }
}
