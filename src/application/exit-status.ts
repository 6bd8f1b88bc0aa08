/**
 * What the exit status of a program tells its parent.
 *
 *      0  it has ended by itself, in good order
 *     64  usage: the command line makes no sense
 *     66  no such module
 *     69  unavailable: a port is taken, or the privilege for it is missing
 *     70  the service could not be started or stopped, or an exception was caught by nobody
 *     78  the module cannot be loaded, or gives no service
 *
 * A program that was stopped by a signal ends by that signal (128 and its number, in a shell).
 *
 * Spec: sysexits.h of BSD, whose numbers these are. After: twisted.application.runner.ExitStatus.
 *
 * @module
 */

/** See the table of this module. */
export const EXIT_STATUS = {
  /** In good order. */
  ok: 0,
  /** EX_USAGE. */
  usage: 64,
  /** EX_NOINPUT. */
  moduleNotFound: 66,
  /** EX_UNAVAILABLE. */
  unavailable: 69,
  /** EX_SOFTWARE. */
  software: 70,
  /** EX_CONFIG. */
  badModule: 78,
} as const;

/** One of {@link EXIT_STATUS}. */
export type ExitStatus = (typeof EXIT_STATUS)[keyof typeof EXIT_STATUS];

/** By code and not by class: an error from another copy of this package means the same. */
const STATUS_BY_CODE: ReadonlyMap<unknown, ExitStatus> = new Map<unknown, ExitStatus>([
  ["ERR_USAGE", EXIT_STATUS.usage],
  ["ERR_SERVICE_MODULE_NOT_FOUND", EXIT_STATUS.moduleNotFound],
  ["ERR_CANNOT_LISTEN", EXIT_STATUS.unavailable],
  ["ERR_SERVICE_MODULE", EXIT_STATUS.badModule],
]);

/** Causes can be made circular; the search must end. */
const CAUSES_MAX = 16;

/** The status for what ended a program: that of the error, or of the nearest cause that has one. */
export function exitStatusOf(error: unknown): ExitStatus {
  let current = error;
  for (let depth = 0; depth < CAUSES_MAX && current instanceof Error; depth += 1) {
    const status = STATUS_BY_CODE.get("code" in current ? current.code : undefined);
    if (status !== undefined) return status;
    current = current.cause;
  }
  return EXIT_STATUS.software;
}
