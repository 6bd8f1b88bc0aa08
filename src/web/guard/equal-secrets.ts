/**
 * Comparing secrets without telling how much of them was right.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";

/** Are they equal? The time it takes says nothing, not even about their lengths. */
export function equalSecrets(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(secret: string | Uint8Array): Buffer {
  return createHash("sha256").update(secret).digest();
}
