/**
 * What a module threw while it was loaded, in one line: what, and where.
 *
 * @module
 */
import { safeString } from "../core/text.ts";

/** A place in a file of the program, as it stands in a stack. Node's own files have no path. */
const PLACE = /(?:^|[\s(])(?:file:\/\/)?(\/[^\s()]+:\d+(?::\d+)?)/mu;

/** `TypeError: x is not a function (/srv/app.js:3:7)`. */
export function describeLoadError(error: unknown): string {
  if (!(error instanceof Error)) return safeString(error);
  const what = `${error.name}: ${error.message}`;
  const place = PLACE.test(error.message) ? undefined : placeIn(error);
  return place === undefined ? what : `${what} (${place})`;
}

function placeIn(error: Error): string | undefined {
  const stack = error.stack ?? "";
  const at = stack.indexOf(error.message);
  // A syntax error has its place above the message, any other error below. (That of an ES module
  // has none at all: Node shows it to nobody but itself.)
  const above = PLACE.exec(stack.slice(0, Math.max(0, at)))?.[1];
  // Errors with a code are Node's or a library's, and name in words what is of use.
  if (above !== undefined || "code" in error) return above;
  return PLACE.exec(stack.slice(at + error.message.length))?.[1];
}
