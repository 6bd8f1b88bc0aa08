/**
 * Where the log of a program goes.
 *
 * @module
 */
import { FilteringLogObserver, LogLevelFilterPredicate } from "../logger/filter.ts";
import { globalLogBeginner } from "../logger/global.ts";
import type { LogLevel } from "../logger/levels.ts";
import { jsonFileLogObserver, textFileLogObserver } from "../logger/observers.ts";

/** How a log is written: lines for people, or a JSON object on each line. */
export type LogFormat = "text" | "json";

/** Every {@link LogFormat}. */
export const LOG_FORMATS: readonly LogFormat[] = ["text", "json"];

/** Options of {@link beginLogging}. */
export interface LoggingOptions {
  /** Gets whole lines, with their ends. */
  readonly write: (text: string) => unknown;
  /** Default: `"text"`. */
  readonly format?: LogFormat;
  /** Events below it are dropped. Default: `"info"`. */
  readonly level?: LogLevel;
}

/** Is it the name of a {@link LogFormat}? */
export function isLogFormat(value: unknown): value is LogFormat {
  return LOG_FORMATS.some((format) => format === value);
}

/**
 * Write the log of the process from now on; what was logged before is written first.
 *
 * @example
 * ```ts
 * import { beginLogging } from "sennit/application";
 *
 * beginLogging({ write: (text) => process.stdout.write(text), format: "json", level: "warn" });
 * ```
 */
export function beginLogging(options: LoggingOptions): void {
  const { write, format = "text", level = "info" } = options;
  const observer = format === "json" ? jsonFileLogObserver(write) : textFileLogObserver(write);
  const filtered = new FilteringLogObserver(observer, [new LogLevelFilterPredicate(level)]);
  globalLogBeginner.beginLoggingTo([filtered]);
}
