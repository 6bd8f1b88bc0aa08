/**
 * The parts of the scenario of connecting: who receives and who connects, and how a race must end,
 * to a tenth of a millisecond where nothing else goes wrong.
 *
 * @module
 */
import type { Failure } from "../../src/defer/failure.ts";
import { AllAttemptsFailedError } from "../../src/internet/endpoints/all-attempts-failed-error.ts";
import {
  ConnectError,
  ConnectingCancelledError,
  ConnectionRefusedError,
  DNSLookupError,
  TimeoutError,
  UnknownHostError,
} from "../../src/internet/errors.ts";
import type { IDelayedCall } from "../../src/internet/interfaces-reactor.ts";
import { LineReceiver } from "../../src/protocols/line-receiver.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";

/** What is connected to. */
export const NAME = "service.example";
/** Where its hosts listen. */
export const PORT = 80;
/** Seconds from one attempt to the next (RFC 8305 §5). */
const ATTEMPT_DELAY = 0.25;
/** Seconds until addresses are there, waiting for both families included (RFC 8305 §3). */
const RESOLVED = 0.06;
/** Seconds by which things may be late: microseconds of passes. */
const SLACK = 0.0001;
/** Seconds that a connection may say nothing. */
const PATIENCE = 5;

/** Hangs up on somebody who says nothing. */
abstract class Impatient extends LineReceiver {
  readonly #reactor: SimulatedReactor;
  #patience: IDelayedCall | undefined;

  constructor(reactor: SimulatedReactor) {
    super();
    this.#reactor = reactor;
  }

  override connectionMade(): void {
    this.#patience = this.#reactor.callLater(PATIENCE, () => this.transport.abortConnection());
  }

  override connectionLost(_reason: Failure): void {
    if (this.#patience?.active === true) this.#patience.cancel();
  }
}

/** The server's side: greets whoever greets. */
export class Receptionist extends Impatient {
  override lineReceived(_line: Buffer): void {
    this.sendLine("welcome");
  }
}

/** The client's side: says hello, is welcomed, and goes. */
export class Guest extends Impatient {
  welcome = "";
  isOver = false;

  override connectionMade(): void {
    super.connectionMade();
    this.sendLine("hello");
  }

  override lineReceived(line: Buffer): void {
    this.welcome = line.toString();
    this.transport.loseConnection();
  }

  override connectionLost(reason: Failure): void {
    super.connectionLost(reason);
    this.isOver = true;
  }
}

/** An address, and what happens to those who try it. */
export class Goal {
  readonly kind: string;
  readonly address: string;
  readonly #latency: number;
  readonly #until: number;

  /** @param latency Seconds to get there. @param until Nothing gets there before this time. */
  constructor(
    kind: string,
    address: string,
    { latency, until } = { latency: 0, until: Number.POSITIVE_INFINITY },
  ) {
    this.kind = kind;
    this.address = address;
    this.#latency = latency;
    this.#until = until;
  }

  /** When an attempt that began then is answered; never: infinity. */
  answers(began: number): number {
    if (this.#until === Number.POSITIVE_INFINITY) return this.#until;
    let [arrives, wait] = [began + this.#latency, 1];
    while (arrives < this.#until) {
      arrives += wait; // RFC 6298 §2.1, §5.5
      wait *= 2;
    }
    return arrives + this.#latency;
  }
}

/** How an attempt to connect to the name ended. */
export interface Ending {
  readonly began: number;
  readonly at: number;
  readonly result: Guest | Error;
  readonly attempts: readonly { readonly address: string; readonly began: number }[];
  readonly counts: { readonly started: number; readonly built: number; readonly stopped: number };
  readonly timeout: number;
  readonly abortAfter: number | undefined;
}

/** An attempt with what must come of it. */
interface Run {
  readonly address: string;
  readonly began: number;
  /** When it is refused, and when connected. */
  readonly refused: number;
  readonly connected: number;
}

/** What a race must be like. */
export interface RaceRules {
  readonly goals: readonly Goal[];
  /** Did nothing go wrong but what `goals` say? */
  readonly strict: boolean;
  /** The client's, just after the end. */
  readonly reactor: SimulatedReactor;
}

/** It ended as it must. */
export function checkRace(ending: Ending, { goals, strict, reactor }: RaceRules): void {
  const { began, at, result, counts, timeout } = ending;
  expect(counts.started === 1, "the factory is started once");
  const won = result instanceof Guest ? 1 : 0;
  expect(counts.built === won, "one protocol is built");
  expect(counts.stopped === 1 - won, "it is stopped at the end, and not before");
  expect(reactor.open.length === won, "nothing of the others is open");
  expect(reactor.getDelayedCalls().length === won, "nothing of the others is to be called");
  if (!(result instanceof Guest)) expect(result instanceof ConnectError, `${result.name} is typed`);
  const addresses = ending.attempts.map(({ address }) => address);
  expect(new Set(addresses).size === addresses.length, "no address is tried twice");
  if (!strict) return;
  expect(at <= began + timeout + SLACK, "it ends in time");
  const runs = ending.attempts.map((attempt) => runOf(attempt, goals));
  checkPace(runs, ending);
  if (result instanceof Guest) checkWon(runs, at);
  else checkLost(runs, ending, result, goals);
}

function runOf({ address, began }: Ending["attempts"][number], goals: readonly Goal[]): Run {
  const goal = goals.find((one) => one.address === address);
  if (goal === undefined) throw new Error(`Nobody asked for ${address}`);
  const [answered, never] = [goal.answers(began), Number.POSITIVE_INFINITY];
  const isRefusing = goal.kind === "refusing";
  return {
    address,
    began,
    refused: isRefusing ? answered : never,
    connected: isRefusing ? never : answered,
  };
}

/** Each attempt begins a quarter of a second after the one before, or when one fails. */
function checkPace(runs: readonly Run[], { began, at }: Ending): void {
  for (const [index, run] of runs.entries()) {
    const before = runs[index - 1];
    if (before === undefined) expect(run.began <= began + RESOLVED, "the first begins at once");
    else expectNear(run.began, nextBegin(runs.slice(0, index), before), `attempt ${run.address}`);
    expect(run.began <= at + SLACK, "no attempt begins after the end");
  }
}

function nextBegin(earlier: readonly Run[], before: Run): number {
  const refused = earlier.map((run) => run.refused).filter((time) => time > before.began + SLACK);
  return Math.min(before.began + ATTEMPT_DELAY, ...refused);
}

function checkWon(runs: readonly Run[], at: number): void {
  expectNear(at, Math.min(...runs.map(({ connected }) => connected)), "the connection");
}

function checkLost(
  runs: readonly Run[],
  { began, at, timeout, abortAfter = Number.POSITIVE_INFINITY }: Ending,
  error: Error,
  goals: readonly Goal[],
): void {
  const soonest = Math.min(...runs.map(({ connected }) => connected));
  expect(soonest >= at - SLACK, `${String(soonest)}: somebody would have answered`);
  if (error instanceof ConnectingCancelledError) {
    expectNear(at, began + abortAfter, "giving up");
    expect(error.cause instanceof Error && error.cause.message === "enough", "it has its reason");
  } else if (error instanceof TimeoutError) {
    expectNear(at, began + timeout, "the timeout");
    const { cause } = error;
    expect(cause instanceof AllAttemptsFailedError, `${String(cause)} tells of all attempts`);
    checkAttempts(cause, runs);
  } else if (error instanceof AllAttemptsFailedError) {
    expectNear(at, Math.max(...runs.map(({ refused }) => refused)), "the last refusal");
    expect(runs.length === goals.length, "all addresses are tried");
    checkAttempts(error, runs);
  } else {
    expect(error instanceof DNSLookupError || error instanceof UnknownHostError, String(error));
    expect(goals.length === 0, "there is no address");
  }
}

/** Each attempt has an error of its own. */
function checkAttempts({ attempts }: AllAttemptsFailedError, runs: readonly Run[]): void {
  expect(attempts.length === runs.length, "each attempt is told of");
  for (const { address, error } of attempts) {
    const run = runs.find((one) => address.toString().includes(one.address));
    const Wanted =
      run?.refused === Number.POSITIVE_INFINITY ? TimeoutError : ConnectionRefusedError;
    expect(error instanceof Wanted, `${address.toString()}: ${error.message}`);
  }
}

function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`Expected that ${what}`);
}

function expectNear(time: number, expected: number, what: string): void {
  if (Math.abs(time - expected) <= SLACK) return;
  throw new Error(`Expected ${what} at ${expected.toFixed(6)} s, got ${time.toFixed(6)} s`);
}
