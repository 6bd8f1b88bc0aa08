/**
 * The log of a simulation: errors that nobody expected are failures, and every event goes into the
 * trace.
 *
 * @module
 */
import type { LoggedFailure, LogEvent } from "../../logger/event.ts";
import { formatEvent } from "../../logger/format.ts";
import { globalLogBeginner, globalLogPublisher } from "../../logger/global.ts";
import type { Simulator } from "../../reactors/simulated/simulator.ts";
import { SimulationFailure } from "./failure.ts";

/** A class of errors. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** See the top of this file. It listens until it is disposed of. */
export class RunLog implements Disposable {
  readonly #simulator: Simulator;
  readonly #releaseLastResort = globalLogBeginner.holdLastResort();
  readonly #expected = new Set<ErrorClass>();
  readonly #errors: LogEvent[] = [];

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
    globalLogPublisher.addObserver(this.#observer);
  }

  readonly #observer = (event: LogEvent): void => {
    const { trace, currentHost } = this.#simulator;
    if (trace.isKept) trace.remark("logged", currentHost, { text: formatEvent(event) });
    if (event.log_level !== "error" && event.log_level !== "critical") return;
    const failure = event.log_failure;
    if (failure !== undefined && this.#isExpected(failure)) {
      this.#errors.push(event);
      return;
    }
    const trouble = failure?.getTraceback();
    this.#simulator.fail(
      new SimulationFailure({
        kind: "logged",
        property: "no errors are logged",
        message: trouble === undefined ? formatEvent(event) : `${formatEvent(event)}\n${trouble}`,
        host: currentHost?.name,
        cause: failure?.value,
      }),
    );
  };

  #isExpected(failure: LoggedFailure): boolean {
    const { value } = failure;
    return [...this.#expected].some((Class) => value instanceof Class);
  }

  /** Errors of these classes may be logged from now on. */
  expect(...classes: readonly ErrorClass[]): void {
    for (const one of classes) this.#expected.add(one);
  }

  /** Those that were logged and expected. */
  get errors(): readonly LogEvent[] {
    return this.#errors;
  }

  [Symbol.dispose](): void {
    globalLogPublisher.removeObserver(this.#observer);
    this.#releaseLastResort();
  }
}
