/**
 * From a place in this site to one on the server behind it, and back.
 *
 *     /shop/a%2Fb?q=1     the proxy is at /shop, the server's part begins at /v2
 *     /v2/a%2Fb?q=1       segments as they were sent: what is encoded stays encoded
 *
 * A segment that means "one up", however it is written, is refused: it would lead out of the part
 * of the server that is meant.
 *
 * @module
 */
import { restOfPath } from "../mounting/prefix.ts";
import type { Request } from "../server/request.ts";

/** `a%2F..%2Fb` and `..\` are a way up to some. */
const BETWEEN = /[/\\]/u;

/** The target to ask for; `undefined`: it would lead out of `base`. @param base `""`, or `/v2`. */
export function mappedTarget(request: Request, base: string): string | undefined {
  const { path, postpath, query } = request;
  if (path === "*") return path;
  if (postpath.some((segment) => segment.split(BETWEEN).includes(".."))) return undefined;
  const whole = base + restOfPath(request);
  return (whole === "" ? "/" : whole) + (query === "" ? "" : `?${query}`);
}

/** Where the proxy is: `/shop`; `""` at the root. */
export function mountPoint({ prepath }: Request): string {
  return prepath.map((segment) => `/${encodeURIComponent(segment)}`).join("");
}

/** What a server knows of itself, and what its visitors know instead. */
export interface MappedPlace {
  /** Hosts by which the server may call itself. */
  readonly hosts: readonly string[];
  readonly base: string;
  /** Where the proxy is. */
  readonly mount: string;
}

const ABSOLUTE = /^https?:\/\/(?<host>[^/?#]*)(?<path>.*)$/iu;

/** A reference in an answer, as the visitor must have it: see Location. */
export function mappedReference(reference: string, { hosts, base, mount }: MappedPlace): string {
  const { host, path = reference } = ABSOLUTE.exec(reference)?.groups ?? {};
  const isTheirs = host === undefined ? path.startsWith("/") : hosts.includes(host.toLowerCase());
  if (!isTheirs || path.startsWith("//")) return reference;
  const rest = path.slice(base.length);
  if (!path.startsWith(base) || !/^(?:[/?#]|$)/u.test(rest)) return reference;
  return mount + rest === "" ? "/" : mount + rest;
}
