/**
 * What an error of a file system means for a visitor.
 *
 * @module
 */

/** Why there is nothing to be sent: 404, or 403. */
export type Absence = "missing" | "forbidden";

const MISSING = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);
const FORBIDDEN = new Set(["EACCES", "EPERM"]);

/** Which of them it is. @throws What it is given, if it is neither: that is a 500. */
export function absenceOf(error: unknown): Absence {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  if (typeof code === "string" && MISSING.has(code)) return "missing";
  if (typeof code === "string" && FORBIDDEN.has(code)) return "forbidden";
  throw error;
}
