/**
 * Which seeds are run twice.
 *
 * @module
 */

/** Is this one of the `part` of seeds (0 to 1) that are? The same ones every time. */
export function seedsChecked(seed: number, part: number): boolean {
  return Math.floor((seed + 1) * part) > Math.floor(seed * part);
}
