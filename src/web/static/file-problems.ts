/**
 * What an error of a file system means for a visitor.
 *
 * @module
 */
import { fileErrorCode } from "../../internet/interfaces-files.ts";

/** Why there is nothing to be sent: 404, or 403. */
export type Absence = "missing" | "forbidden";

const MISSING = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);
const FORBIDDEN = new Set(["EACCES", "EPERM"]);

/** Which of them it is. @throws What it is given, if it is neither: that is a 500. */
export function absenceOf(error: unknown): Absence {
  const code = fileErrorCode(error) ?? "";
  if (MISSING.has(code)) return "missing";
  if (FORBIDDEN.has(code)) return "forbidden";
  throw error;
}
