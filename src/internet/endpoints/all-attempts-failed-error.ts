/**
 * What is said when a name has several addresses and none could be connected to.
 *
 * After: nothing; Twisted's HostnameEndpoint tells the last failure alone.
 *
 * @module
 */
import type { IAddress } from "../addresses.ts";
import { ConnectError } from "../errors.ts";

/** One of several attempts, and how it went. */
export interface FailedAttempt {
  readonly address: IAddress;
  readonly error: Error;
}

/** The message names this many; `attempts` holds all. */
const NAMED_MAX = 8;

/** Each address of a name was tried, and each failed. The last one's error is the `cause`. */
export class AllAttemptsFailedError extends ConnectError {
  readonly code = "ERR_CONNECT_ALL_ATTEMPTS_FAILED";
  /** In the order in which they ended. At least one. */
  readonly attempts: readonly FailedAttempt[];
  /** How many addresses were left alone, because there were more than `maxAttempts`. */
  readonly untried: number;

  constructor(destination: IAddress, attempts: readonly FailedAttempt[], untried = 0) {
    const told = attempts.slice(0, NAMED_MAX).map(shortly);
    if (attempts.length > NAMED_MAX) told.push(`and ${String(attempts.length - NAMED_MAX)} more`);
    if (untried > 0) told.push(`addresses not tried: ${String(untried)}`);
    super(
      `Cannot connect to ${destination.toString()}: every attempt failed: ${told.join("; ")}`,
      destination,
      { cause: attempts.at(-1)?.error },
    );
    this.attempts = attempts;
    this.untried = untried;
  }
}

/** `192.0.2.1:80: connection refused`, without what the whole message says already. */
function shortly({ address, error }: FailedAttempt): string {
  const where = address.toString();
  const opening = `Cannot connect to ${where}: `;
  const { message } = error;
  return `${where}: ${message.startsWith(opening) ? message.slice(opening.length) : message}`;
}
