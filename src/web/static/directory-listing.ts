/**
 * A page that shows what is in a directory.
 *
 * After: twisted.web.static.DirectoryLister. Differs: what would not be served is not shown; at
 * most {@link LISTED_MAX} entries are.
 *
 * @module
 */
import { join } from "node:path";
import type { IFileSystem } from "../../internet/interfaces-files.ts";
import { Answer } from "../server/answer.ts";
import { escapeHTML } from "../server/error-page.ts";
import type { FileFinder } from "./file-finder.ts";

/** Entries on a page: more help nobody, and each costs a look at the disk. */
const LISTED_MAX = 1000;
/** Looks at the disk at a time. */
const LOOKS = 16;
/** The end of the year 9999. */
const LATEST = 253_402_300_799;

/** A line of the page. */
interface ListedEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly size: number;
  readonly modified: number;
}

/** What is shown, and where. */
export interface Listing {
  /** The directory, as it was found. */
  readonly path: string;
  /** As visitors know it. */
  readonly title: string;
  /** Is there a directory above it? */
  readonly hasParent: boolean;
}

/** See the top of this file. @throws {Error} The directory cannot be read. */
export async function listDirectory(
  listing: Listing,
  finder: FileFinder,
  fileSystem: IFileSystem,
): Promise<Answer> {
  const all = await fileSystem.list(listing.path);
  const names = all.filter((name) => finder.isServed(name)).toSorted();
  const shown = names.slice(0, LISTED_MAX);
  const entries: ListedEntry[] = [];
  for (let at = 0; at < shown.length; at += LOOKS) {
    const looks = shown.slice(at, at + LOOKS).map((name) => look(listing.path, name, finder));
    for (const entry of await Promise.all(looks)) if (entry !== undefined) entries.push(entry);
  }
  const page = pageOf(listing, entries, names.length - shown.length);
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "max-age=0" };
  return new Answer(page, { headers });
}

/** One entry; `undefined` if it would not be served. */
async function look(
  path: string,
  name: string,
  finder: FileFinder,
): Promise<ListedEntry | undefined> {
  const seen = await finder.look(join(path, name));
  if (typeof seen === "string" || seen.facts.kind === "other") return undefined;
  const { kind, size, modified } = seen.facts;
  return { name, isDirectory: kind === "directory", size, modified };
}

function pageOf(
  { title, hasParent }: Listing,
  entries: readonly ListedEntry[],
  left: number,
): string {
  const heading = `Index of ${escapeHTML(title)}`;
  const parent = hasParent ? `<tr><td><a href="../">../</a></td><td></td><td></td></tr>\n` : "";
  const more = left > 0 ? `<p>And ${String(left)} more.</p>\n` : "";
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">` +
    `<title>${heading}</title></head>\n` +
    `<body><h1>${heading}</h1>\n` +
    `<table>\n<tr><th>Name</th><th>Bytes</th><th>Changed (UTC)</th></tr>\n` +
    `${parent}${entries.map(rowOf).join("")}</table>\n${more}</body></html>\n`
  );
}

function rowOf({ name, isDirectory, size, modified }: ListedEntry): string {
  const slash = isDirectory ? "/" : "";
  // With the dot, a name with a colon is no scheme.
  const link = `./${encodeURIComponent(name)}${slash}`;
  const bytes = isDirectory ? "" : String(size);
  return (
    `<tr><td><a href="${escapeHTML(link)}">${escapeHTML(name)}${slash}</a></td>` +
    `<td>${bytes}</td><td>${dateOf(modified)}</td></tr>\n`
  );
}

/** `2026-02-28 13:05:59`. */
function dateOf(modified: number): string {
  if (!(Math.abs(modified) <= LATEST)) return "";
  return new Date(modified * 1000).toISOString().slice(0, 19).replace("T", " ");
}
