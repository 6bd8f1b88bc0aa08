/**
 * The field that tells caches what an answer depends on.
 *
 * Spec: RFC 9110 §12.5.5.
 *
 * @module
 */
import type { Headers } from "../http/headers.ts";

/** Add the name of a field to `Vary`, unless it is there, or `*` is. */
export function addVary(headers: Headers, name: string): void {
  const names = headers.get("vary")?.split(",") ?? [];
  const wanted = name.toLowerCase();
  const isThere = names.some((one) => {
    const has = one.trim().toLowerCase();
    return has === "*" || has === wanted;
  });
  if (!isThere) headers.addRawHeader("vary", name);
}
