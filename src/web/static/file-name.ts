/**
 * Which segments of a path may name a file, and what lies below what.
 *
 * @module
 */
import { sep } from "node:path";

/** Both separators, wherever we are: no file that is meant to be served has one in its name. */
const SEPARATOR = /[/\\\0]/u;

/**
 * May a segment of a request's path, decoded, be the name of something in a directory? Only what
 * passes here is ever joined to a path.
 */
export function isFileName(segment: string): boolean {
  return segment !== "" && segment !== "." && segment !== ".." && !SEPARATOR.test(segment);
}

/** `.git`, `.env`, `.htpasswd`: what is not meant for visitors. */
export function isHidden(name: string): boolean {
  return name.startsWith(".");
}

/** Is `path` the directory `root`, or below it? Both absolute, and without links and dots. */
export function isWithin(root: string, path: string): boolean {
  if (path === root) return true;
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}
