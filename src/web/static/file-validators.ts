/**
 * What names the state of a file: its entity tag, and when it was changed.
 *
 * Spec: RFC 9110 §8.8.1 (a tag is weak while the file may change again without a trace), §8.8.2.1
 * (no Last-Modified in the future).
 *
 * @module
 */
import type { FileFacts } from "../../internet/interfaces-files.ts";
import { type EntityTag, formatEntityTag } from "../http/entity-tag.ts";
import { formatHTTPDate } from "../http/http-date.ts";

/** The two, for conditions and as they are sent. */
export interface FileValidators {
  readonly etag: EntityTag;
  /** The value of ETag. */
  readonly etagField: string;
  /** Seconds since 1970. */
  readonly lastModified?: number;
  /** The value of Last-Modified. */
  readonly lastModifiedField?: string;
}

/** File systems keep times in steps, of two seconds at worst (FAT). */
const STEP = 2;
/** The end of the year 9999: later cannot be written. */
const LATEST = 253_402_300_799;

/**
 * The tag is made of size, time and number of the file. Without the number, files of a build that
 * gives all of them one time would look the same when only a hash in them has changed.
 *
 * @param now Seconds since 1970; `undefined`: nobody knows, and so all tags are weak.
 */
export function validatorsOf(facts: FileFacts, now: number | undefined): FileValidators {
  const { size, modified, inode } = facts;
  const numbers = [size, Math.round(modified * 1e6), inode];
  const tag = numbers.map((one) => one.toString(16)).join("-");
  const etag = { weak: now === undefined || modified > now - STEP, tag };
  const etagField = formatEntityTag(etag);
  const isPast = modified >= 0 && modified <= Math.min(now ?? LATEST, LATEST);
  if (!isPast) return { etag, etagField };
  return { etag, etagField, lastModified: modified, lastModifiedField: formatHTTPDate(modified) };
}
