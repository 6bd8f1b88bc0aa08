/**
 * The signals that come to a program on a simulated host, given to its reactor: as on Node, where
 * the first SIGINT or SIGTERM stops a reactor that runs, and the second ends it at once.
 *
 * @module
 */
import { Logger } from "../../../logger/logger.ts";
import type { ReactorBase } from "../../base/reactor-base.ts";
import { isCatchable } from "./signal-actions.ts";

const log = new Logger({ namespace: "sennit.reactor" });

type Handler = (signal: NodeJS.Signals) => unknown;

const STOP_SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

/** Who wants which signal. */
export class SimulatedSignals {
  readonly #reactor: ReactorBase;
  readonly #handlers = new Map<NodeJS.Signals, Handler[]>();
  #stopSignal: NodeJS.Signals | undefined;
  #installed = false;

  constructor(reactor: ReactorBase) {
    this.#reactor = reactor;
  }

  get stopSignal(): NodeJS.Signals | undefined {
    return this.#stopSignal;
  }

  /** A signal has come. @returns Does the program handle it? Else the kernel decides. */
  deliver(signal: NodeJS.Signals): boolean {
    const handlers = this.#handlers.get(signal) ?? [];
    for (const handler of handlers) {
      this.#reactor.later(() => {
        this.#reactor.contain(() => handler(signal), `Error in a handler of ${signal}`);
      });
    }
    return handlers.length > 0;
  }

  /** @throws {Error} `EINVAL`, as Node says: it cannot be caught. */
  add(signal: NodeJS.Signals, f: Handler): void {
    if (!isCatchable(signal)) {
      const facts = { code: "EINVAL", errno: -22, syscall: "uv_signal_start" };
      throw Object.assign(new Error("uv_signal_start EINVAL"), facts);
    }
    const handlers = this.#handlers.get(signal);
    if (handlers === undefined) this.#handlers.set(signal, [f]);
    else handlers.push(f);
  }

  /** @throws {RangeError} It is not there. */
  remove(signal: NodeJS.Signals, f: Handler): void {
    const handlers = this.#handlers.get(signal) ?? [];
    const at = handlers.indexOf(f);
    if (at < 0) throw new RangeError(`Cannot remove a handler of ${signal}: it is not there`);
    handlers.splice(at, 1);
  }

  /** The reactor runs, and no signal has stopped it yet. */
  forgetStop(): void {
    this.#stopSignal = undefined;
  }

  /** From now on SIGINT and SIGTERM stop the reactor. */
  installStop(): void {
    this.#installed = true;
    for (const signal of STOP_SIGNALS) this.add(signal, this.#stop);
  }

  removeStop(): void {
    if (!this.#installed) return;
    this.#installed = false;
    for (const signal of STOP_SIGNALS) this.remove(signal, this.#stop);
  }

  readonly #stop = (signal: NodeJS.Signals): void => {
    if (!this.#reactor.running) return;
    if (this.#stopSignal === undefined) {
      log.info("Received {signal}, stopping", { signal });
      this.#stopSignal = signal;
      if (!this.#reactor.stopping) this.#reactor.stop();
      return;
    }
    log.warn("Received {signal} while stopping: ending at once", { signal });
    this.#reactor.crash();
  };
}
