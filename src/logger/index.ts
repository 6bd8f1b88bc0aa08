/**
 * Structured events with levels and namespaces, and the observers that write, filter and keep them.
 *
 * A {@link Logger} emits; {@link globalLogBeginner} says where events go. Until it is told, events
 * are kept and errors go to the error stream.
 *
 * @example
 * ```ts
 * import { globalLogBeginner, Logger, textFileLogObserver } from "sennit/logger";
 *
 * globalLogBeginner.beginLoggingTo([textFileLogObserver((text) => process.stdout.write(text))]);
 * const log = new Logger({ namespace: "example" });
 * log.info("listening on {port}", { port: 8080 });
 * ```
 *
 * @module logger
 */

// Events
export type {
  ILogObserver,
  LogEvent,
  LogFields,
  LoggedFailure,
  LogObserver,
  LogObserverLike,
} from "./event.ts";
export { compareLevels, isLogLevel, LOG_LEVELS } from "./levels.ts";
export type { LogLevel } from "./levels.ts";

// Emitting
export { Logger } from "./logger.ts";
export type { LoggerOptions } from "./logger.ts";

// The log of the process
export { LogBeginner } from "./beginner.ts";
export type { BeginLoggingOptions, LogBeginnerOptions } from "./beginner.ts";
export { globalLogBeginner, globalLogPublisher } from "./global.ts";

// Text
export {
  eventAsText,
  formatEvent,
  formatEventAsClassicLogText,
  formatTime,
} from "./format.ts";
export type { EventTextOptions, FormatTimeOptions } from "./format.ts";

// Observers
export { jsonFileLogObserver, textFileLogObserver } from "./observers.ts";
export { LogPublisher } from "./publisher.ts";
export { FilteringLogObserver, LogLevelFilterPredicate } from "./filter.ts";
export type { ILogFilterPredicate, LogFilterPredicate, PredicateResult } from "./filter.ts";
export { LimitedHistoryLogObserver } from "./history.ts";

// Reading and testing
export { eventsFromJSONLog } from "./json-log.ts";
export { capturedLogs, captureLogs } from "./capture.ts";
export type { LogCapture } from "./capture.ts";
