/**
 * The log of the process: where loggers emit to unless they are told otherwise.
 *
 * The one global thing of sennit, with a reason: an event must find its way out of any depth of a
 * program, from code that nobody hands anything, and even before the program has set itself up.
 *
 * After: twisted.logger._global.
 *
 * @module
 */
import { LogBeginner } from "./beginner.ts";
import { LogPublisher } from "./publisher.ts";

/** Gets every event of the process. Libraries emit to it; programs observe it. */
export const globalLogPublisher: LogPublisher = new LogPublisher();

/**
 * Begins logging, once for the process: events before that are kept, and errors among them go to
 * the error stream at once.
 *
 * @example
 * ```ts
 * import { globalLogBeginner, textFileLogObserver } from "sennit/logger";
 *
 * globalLogBeginner.beginLoggingTo([textFileLogObserver((text) => process.stdout.write(text))]);
 * ```
 */
export const globalLogBeginner: LogBeginner = new LogBeginner({ publisher: globalLogPublisher });
