/**
 * The bounds of a request: each just met, and exceeded by one.
 *
 * @module
 */
import { HTTP_LIMITS } from "../../../../src/web/http/wire/limits.ts";
import { ask, chunked, posted, refused, type Row, type Table, taken } from "../row.ts";

const {
  maxTargetBytes,
  maxLineBytes,
  maxHeadBytes,
  maxFields,
  maxChunkLineBytes,
  maxChunkExtensionBytes,
  maxTrailerBytes,
} = HTTP_LIMITS;
const GET = "GET / HTTP/1.1";
const HOST = "Host: a";
const LARGE = "RFC 6585 §5";
const BEGUN = { saw: ["POST / …"] };
const MAX_BODY = { maxBodyBytes: 4 };

function target(bytes: number): string {
  return ask(`GET /${"a".repeat(bytes - 1)} HTTP/1.1`, HOST);
}

/** A line of so many bytes. */
function field(bytes: number, name = "X"): string {
  return `${name}: ${"a".repeat(bytes - name.length - 2)}`;
}

/** A head of so many bytes without its empty line. */
function head(bytes: number): string {
  const rest = bytes - (GET.length + 2) - (HOST.length + 2) - (maxLineBytes + 2);
  return ask(GET, HOST, field(maxLineBytes), field(rest - 2, "Y"));
}

function fields(count: number): string[] {
  return Array.from({ length: count }, () => "X:");
}

/** Chunks of a byte with so many bytes of extensions, all together. */
function extensions(bytes: number): string {
  const each = 1000;
  const chunk = (left: number): string => `1;${"a".repeat(Math.min(each, left) - 1)}\r\nx\r\n`;
  let text = "";
  for (let left = bytes; left > 0; left -= each) text += chunk(left);
  return `${text}0\r\n\r\n`;
}

function trailers(bytes: number): string {
  const most = 15;
  const each = 4000;
  const line = (size: number): string => `${field(size - 2)}\r\n`;
  return `0\r\n${line(each).repeat(most)}${line(bytes - most * each)}\r\n`;
}

const HEADS: readonly Row[] = [
  taken(
    "the longest target",
    target(maxTargetBytes),
    [`GET /${"a".repeat(maxTargetBytes - 1)}`],
    "RFC 9112 §3: 8,000 at least",
  ),
  refused("a longer one", target(maxTargetBytes + 1), "RFC 9110 §15.5.15", { status: 414 }),
  refused("a request line without an end", `GET /${"a".repeat(9000)}`, "RFC 9110 §15.5.15", {
    status: 414,
  }),
  taken(
    "the longest method",
    ask(`${"A".repeat(64)} / HTTP/1.1`, HOST),
    [`${"A".repeat(64)} /`],
    "RFC 9112 §3",
  ),
  refused("a longer one", ask(`${"A".repeat(65)} / HTTP/1.1`, HOST), "RFC 9112 §3", {
    status: 501,
  }),
  taken("the longest field", ask(GET, HOST, field(maxLineBytes)), ["GET /"], LARGE),
  refused("a longer one", ask(GET, HOST, field(maxLineBytes + 1)), LARGE, { status: 431 }),
  refused("a field without an end", `${GET}\r\nX: ${"a".repeat(9000)}`, LARGE, { status: 431 }),
  refused("a name without an end", `${GET}\r\n${"a".repeat(9000)}`, LARGE, { status: 431 }),
  taken("the largest head", head(maxHeadBytes), ["GET /"], LARGE),
  refused("a larger one", head(maxHeadBytes + 1), LARGE, { status: 431 }),
  taken("the most fields", ask(GET, HOST, ...fields(maxFields - 1)), ["GET /"], LARGE),
  refused("one more", ask(GET, HOST, ...fields(maxFields)), LARGE, { status: 431 }),
];

const BODIES: readonly Row[] = [
  refused(
    "a body that is larger than the site takes",
    posted(["Content-Length: 5"], "hello"),
    "RFC 9110 §15.5.14",
    { status: 413, limits: MAX_BODY },
  ),
  refused(
    "a body in chunks that turns out to be larger",
    chunked("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
    "RFC 9110 §15.5.14",
    { status: 413, limits: MAX_BODY, ...BEGUN },
  ),
  refused(
    "a chunk line that is too long",
    chunked(`5;${"a".repeat(maxChunkLineBytes - 1)}\r\nhello\r\n0\r\n\r\n`),
    "RFC 9112 §7.1.1; CVE-2024-22019 (Node)",
    BEGUN,
  ),
  taken(
    "the most extensions",
    chunked(extensions(maxChunkExtensionBytes)),
    [`POST / ${"x".repeat(Math.ceil(maxChunkExtensionBytes / 1000))}`, "GET /next"],
    "RFC 9112 §7.1.1",
  ),
  refused(
    "more of them",
    chunked(extensions(maxChunkExtensionBytes + 1)),
    "CVE-2023-39326 (Go): much work, little body",
    BEGUN,
  ),
  taken("the most trailers", chunked(trailers(maxTrailerBytes)), ["POST /", "GET /next"], LARGE),
  refused("larger trailers", chunked(trailers(maxTrailerBytes + 1)), LARGE, {
    status: 431,
    ...BEGUN,
  }),
  refused(
    "one trailer more than fields may be",
    chunked(`0\r\n${fields(maxFields + 1).join("\r\n")}\r\n\r\n`),
    LARGE,
    { status: 431, ...BEGUN },
  ),
];

/** See the top of this file. */
export const LIMITS: Table = { title: "Limits", rows: [...HEADS, ...BODIES] };
