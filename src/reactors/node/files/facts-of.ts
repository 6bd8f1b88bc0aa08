/**
 * What Node's `Stats` say, in our words.
 *
 * @module
 */
import type { Stats } from "node:fs";
import type { FileFacts, FileKind } from "../../../internet/interfaces-files.ts";

/** See the top of this file. */
export function factsOf(stats: Stats): FileFacts {
  const { size, mtimeMs, dev: device, ino: inode } = stats;
  return { kind: kindOf(stats), size, modified: mtimeMs / 1000, device, inode };
}

function kindOf(stats: Stats): FileKind {
  if (stats.isFile()) return "file";
  return stats.isDirectory() ? "directory" : "other";
}
