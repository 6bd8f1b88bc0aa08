/**
 * Values as they stand in messages: quoted, cut, without surprises.
 *
 * @module
 */

/** Longer values are cut: a message is read by a person, and may hold a peer's bytes. */
const QUOTED_MAX = 80;

/**
 * A value for an error message: JSON for strings, `String()` for the rest, at most 80 characters.
 */
export function quote(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : safeString(value);
  return text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX - 1)}…` : text;
}

/** `String(value)`, for values whose own `toString` may throw. */
export function safeString(value: unknown): string {
  try {
    return String(value);
  } catch {
    // A hostile or broken toString must not turn a report about one error into another.
    return "(a value that cannot be shown)";
  }
}

/** `1 second`, `2 seconds`. */
export function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}
