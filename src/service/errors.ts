/**
 * What goes wrong with services.
 *
 * @module
 */
import { LocalProtocolError, SennitError } from "../core/errors.ts";
import { plural, quote } from "../core/text.ts";
import { TimeoutError } from "../defer/errors.ts";

/** A sibling has that name. */
export class ServiceNameTakenError extends LocalProtocolError {
  readonly code = "ERR_SERVICE_NAME_TAKEN";
  /** Which name. */
  readonly serviceName: string;
  constructor(serviceName: string, parent: string) {
    super(`Cannot add a service named ${quote(serviceName)} to ${parent}: it has one of that name`);
    this.serviceName = serviceName;
  }
}

/** The service has a parent where it must not, or has none where it must. */
export class ServiceParentError extends LocalProtocolError {
  readonly code = "ERR_SERVICE_PARENT";
}

/** The service is starting, running or stopping, and cannot do that now. */
export class ServiceStateError extends LocalProtocolError {
  readonly code = "ERR_SERVICE_STATE";
}

/** A service was still stopping when its deadline passed, and was left behind. */
export class ServiceStopTimeoutError extends TimeoutError {
  constructor(seconds: number) {
    super(`no end within ${String(seconds)} seconds`, "stop", seconds);
  }
}

/** One child that did not stop as it should. */
export interface StopProblem {
  /** The child's name, or its class. */
  readonly service: string;
  readonly error: Error;
}

/** Some children failed to stop, or were left behind at their deadline; the others have stopped. */
export class ServiceStopError extends SennitError {
  readonly code = "ERR_SERVICE_STOP";
  /** Each child that did not stop, in the order in which they were told to. */
  readonly problems: readonly StopProblem[];
  constructor(service: string, problems: readonly StopProblem[]) {
    const told = problems.map((one) => `${one.service}: ${one.error.message}`).join("; ");
    super(`Cannot stop ${plural(problems.length, "service")} of ${service}: ${told}`, {
      cause: problems[0]?.error,
    });
    this.problems = problems;
  }
}
