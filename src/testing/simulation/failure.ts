/**
 * Why a simulation failed.
 *
 * @module
 */

/**
 * What kind of promise was broken. `always`, `eventually`, `unreachable`: a property. `error`: the
 * scenario or a program threw. `logged`: an error was logged that nobody expected. `unhandled`: a
 * failure or rejection that nobody looked at. `monitor`: the contracts between transports and
 * protocols. `deadlock`: the scenario waits, and nothing is left to happen. `limit`: it takes too
 * much time or too many events. `left`: something was left open at the end. `escape`: the program
 * asked the platform for what its reactor should have given.
 */
export type FailureKind =
  | "always"
  | "eventually"
  | "unreachable"
  | "error"
  | "logged"
  | "unhandled"
  | "monitor"
  | "deadlock"
  | "limit"
  | "left"
  | "escape";

/** What is known of a failure. */
export interface FailureFacts {
  readonly kind: FailureKind;
  /** The name of the property, or what the kind says. */
  readonly property: string;
  readonly message: string;
  /** Where, if it has a place. Of `always`: whose event was the last when it did not hold. */
  readonly host?: string | undefined;
  readonly cause?: unknown;
}

/** See the top of this file. Thrown out of a simulation, or told in its result. */
export class SimulationFailure extends Error {
  readonly code = "ERR_SIMULATION_FAILED";
  override readonly name = "SimulationFailure";
  readonly kind: FailureKind;
  readonly property: string;
  readonly host: string | undefined;
  /** Seconds of the simulation; set when it ends. */
  at = 0;

  constructor({ kind, property, message, host, cause }: FailureFacts) {
    super(message, { cause });
    this.kind = kind;
    this.property = property;
    this.host = host;
  }

  /** Two failures with the same signature are one bug, as far as can be told. */
  get signature(): string {
    const { cause } = this;
    const words = [this.message];
    // What is logged with an error says only where it was caught.
    if (this.kind === "logged" && cause instanceof Error) words.push(cause.name, cause.message);
    // Numbers differ from run to run: times, ports, counts.
    const alike = words.map((one) => firstLine(one).replaceAll(/\d+(?:\.\d+)?/gu, "#"));
    // A property is the world's: where it was broken may differ, too.
    const host = this.kind === "always" ? "" : (this.host ?? "");
    return `${this.kind} ${this.property} ${host} ${alike.join(" ")}${placeOf(cause)}`;
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

/** Assertions say the same but for their numbers: where they stand is what tells them apart. */
function placeOf(cause: unknown): string {
  if (!(cause instanceof Error) || !cause.name.startsWith("AssertionError")) return "";
  const frame = /^\s+at (.*)$/mu.exec(cause.stack ?? "")?.[1];
  return frame === undefined ? "" : ` at ${frame}`;
}

/** Whatever was thrown, as a failure. */
export function failureOf(error: unknown, host: string | undefined): SimulationFailure {
  if (error instanceof SimulationFailure) return error;
  const thrown = error instanceof Error ? error : new Error(String(error));
  const kind = Reflect.get(thrown, "code") === "ERR_SIMULATION_MONITOR" ? "monitor" : "error";
  return new SimulationFailure({
    kind,
    property: thrown.name,
    message: thrown.message,
    host,
    cause: error,
  });
}
