/**
 * The smallest part of a list that still has some property.
 *
 * After: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input (ddmin), 2002.
 *
 * @module
 */

/**
 * Take items away, in ever smaller groups, as long as `holds` for what is left. It is assumed to
 * hold for all of them.
 *
 * @returns Of what is left none can be taken away alone, unless `tired` ended the search.
 */
export async function minimize<T>(
  items: readonly T[],
  holds: (items: readonly T[]) => Promise<boolean>,
  tired: () => boolean,
): Promise<readonly T[]> {
  let left = items;
  if (left.length > 0 && (await holds([]))) return [];
  let parts = 2;
  while (left.length > 1 && !tired()) {
    const smaller = await withoutOnePart(left, parts, holds, tired);
    if (smaller !== undefined) {
      left = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts >= left.length) break;
    else parts = Math.min(left.length, 2 * parts);
  }
  return left;
}

async function withoutOnePart<T>(
  items: readonly T[],
  parts: number,
  holds: (items: readonly T[]) => Promise<boolean>,
  tired: () => boolean,
): Promise<readonly T[] | undefined> {
  const size = Math.ceil(items.length / parts);
  for (let at = 0; at < items.length && !tired(); at += size) {
    const rest = [...items.slice(0, at), ...items.slice(at + size)];
    if (rest.length > 0 && (await holds(rest))) return rest;
  }
  return undefined;
}
