/**
 * An error on the error stream: one line, whatever is in the message.
 *
 *     sennit: Cannot listen on any:80: permission denied
 *
 * @module
 */
import { Failure } from "../defer/failure.ts";
import { formatEvent } from "../logger/format.ts";

/** The line, with its end. */
export function reportLine(message: string): string {
  const line = message.replace(/\s*[\r\n]+\s*/gu, " ");
  // A message may hold what a peer sent: control characters are escaped as in the log.
  return `sennit: ${escaped(line)}\n`;
}

/** The line, and with `debug` the stacks of the error and its causes below it. */
export function reportError(error: unknown, debug: boolean, prefix = ""): string {
  const failure = Failure.of(error);
  const line = reportLine(prefix + failure.getErrorMessage());
  return debug ? `${line}${failure.getTraceback()}\n` : line;
}

function escaped(text: string): string {
  return formatEvent({
    log_level: "error",
    log_namespace: "sennit.cli",
    log_format: "{text}",
    log_time: 0,
    text,
  });
}
