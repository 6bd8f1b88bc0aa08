/**
 * The process's signals, given to a reactor.
 *
 * @module
 */
import { Logger } from "../../logger/logger.ts";
import type { ReactorBase } from "../base/reactor-base.ts";

const log = new Logger({ namespace: "sennit.reactor" });

type Handler = (signal: NodeJS.Signals) => unknown;

const STOP_SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

/** Who wants which signal. The process's own listener is there only while somebody does. */
export class Signals {
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

  readonly #arrived = (signal: NodeJS.Signals): void => {
    for (const handler of this.#handlers.get(signal) ?? []) {
      this.#reactor.later(() => {
        this.#reactor.contain(() => handler(signal), `Error in a handler of ${signal}`);
      });
    }
  };

  add(signal: NodeJS.Signals, f: Handler): void {
    const handlers = this.#handlers.get(signal);
    if (handlers !== undefined) {
      handlers.push(f);
      return;
    }
    process.on(signal, this.#arrived); // Throws for a signal that cannot be caught.
    this.#handlers.set(signal, [f]);
  }

  /** @throws {RangeError} It is not there. */
  remove(signal: NodeJS.Signals, f: Handler): void {
    const handlers = this.#handlers.get(signal) ?? [];
    const at = handlers.indexOf(f);
    if (at < 0) throw new RangeError(`Cannot remove a handler of ${signal}: it is not there`);
    handlers.splice(at, 1);
    if (handlers.length > 0) return;
    this.#handlers.delete(signal);
    process.off(signal, this.#arrived);
  }

  /** The reactor runs, and no signal has stopped it yet. */
  forgetStop(): void {
    this.#stopSignal = undefined;
  }

  /** From now on SIGINT and SIGTERM stop the reactor; a second one ends it at once. */
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
