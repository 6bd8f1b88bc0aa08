/**
 * Bodies in chunks: sizes, extensions, what stands between, and trailers.
 *
 * @module
 */
import { chunked, NEXT, posted, refused, type Row, type Table, taken } from "../row.ts";

const CHUNK = "RFC 9112 §7.1";
const EXTENSION = "RFC 9112 §7.1.1";
const TRAILER = "RFC 9110 §6.5.1";
const BODY = ["POST / hello", "GET /next"];
/** The head has come, and nothing of the body that could be used. */
const BEGUN = { saw: ["POST / …"] };

function size(what: string, text: string, why = CHUNK): Row {
  return refused(what, chunked(`${text}\r\nhello\r\n0\r\n\r\n`), why, BEGUN);
}

function good(what: string, body: string, why: string): Row {
  return taken(what, chunked(body), BODY, why);
}

function bad(what: string, body: string, why: string): Row {
  return refused(what, chunked(body), why, BEGUN);
}

const SIZES: readonly Row[] = [
  good("two chunks", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", CHUNK),
  good("zeros before sizes", "0005\r\nhello\r\n000\r\n\r\n", CHUNK),
  taken(
    "letters in either case",
    chunked(`a\r\n${"x".repeat(10)}\r\nA\r\n${"x".repeat(10)}\r\n0\r\n\r\n`),
    [`POST / ${"x".repeat(20)}`, "GET /next"],
    CHUNK,
  ),
  taken("no chunk but the last", chunked("0\r\n\r\n"), ["POST /", "GET /next"], CHUNK),
  size("no size", ""),
  size("a plus before the size", "+5", "CVE-2022-24761 (waitress)"),
  size("a minus before the size", "-5"),
  size("0x before the size", "0x5", "CVE-2022-24801 (Twisted)"),
  size("an underscore in the size", "0_5", "Python's int() takes it"),
  size("a space before the size", " 5"),
  size("a space behind the size", "5 "),
  size("a tab behind the size", "5\t"),
  size("a vertical tab before the size", "\u000b5", "CVE-2019-16789 (waitress)"),
  size("a letter that is no digit", "5g"),
  size("a point in the size", "5.0"),
  size("a comma in the size", "5,5"),
  size("NUL behind the size", "5\u0000"),
  size("2^64 and five", "10000000000000005", "CVE-2013-2028 (nginx): an overflow"),
  size("fourteen digits, of which one counts", "00000000000005", "a bound that nobody needs"),
  size("all bits of 64", "ffffffffffffffff"),
  bad("a bare LF behind the size", "5\nhello\r\n0\r\n\r\n", "CVE-2025-22871 (Go)"),
  bad("a bare CR behind the size", "5\rhello\r\n0\r\n\r\n", "RFC 9112 §2.2"),
  bad("two CRs behind the size", "5\r\r\nhello\r\n0\r\n\r\n", "RFC 9112 §2.2"),
];

const EXTENSIONS: readonly Row[] = [
  good("extensions", '5;a;b=c;d="e\\";f"\r\nhello\r\n0;g\r\n\r\n', EXTENSION),
  good("blanks around the parts of an extension", "5 ;\ta = b\r\nhello\r\n0\r\n\r\n", EXTENSION),
  size("a semicolon alone", "5;", EXTENSION),
  size("an extension without a name", "5;=a", EXTENSION),
  size("an extension without a value", "5;a=", EXTENSION),
  size("an extension without an end", '5;a="b', EXTENSION),
  size("two words in an extension", "5;a b", EXTENSION),
  size("a control character in an extension", "5;a\u0001", EXTENSION),
  size("NUL in a quoted extension", '5;a="\u0000"', "CVE-2022-24801 (Twisted)"),
  size("a byte above 127 in an extension", "5;\u00ff", EXTENSION),
  bad("a bare LF in an extension", "5;a\nhello\r\n0\r\n\r\n", "CVE-2024-52304 (aiohttp)"),
  bad(
    "a bare LF in a quoted extension",
    '5;a="\n"\r\nhello\r\n0\r\n\r\n',
    "CVE-2022-24801 (Twisted), CVE-2025-22871 (Go)",
  ),
  bad("a bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n", "RFC 9112 §2.2"),
  bad(
    "a request in an extension",
    `5;\nxx\r\n${NEXT}`,
    "CVE-2021-22960 (Node): extensions must be read",
  ),
];

const BETWEEN: readonly Row[] = [
  bad("no CR LF behind a chunk", "5\r\nhello0\r\n\r\n", CHUNK),
  bad("a bare LF behind a chunk", "5\r\nhello\n0\r\n\r\n", "CVE-2025-22871 (Go)"),
  bad("a bare CR behind a chunk", "5\r\nhello\r0\r\n\r\n", "RFC 9112 §2.2"),
  bad("two bytes of any kind behind a chunk", "5\r\nhelloxx0\r\n\r\n", "CVE-2025-43859 (h11)"),
  bad("two CR LFs behind a chunk", "5\r\nhello\r\n\r\n0\r\n\r\n", CHUNK),
  bad("a space behind a chunk", "5\r\nhello \r\n0\r\n\r\n", CHUNK),
  bad("a chunk that is longer than its size", "4\r\nhello\r\n0\r\n\r\n", CHUNK),
  bad("a chunk that is shorter than its size", "6\r\nhello\r\n0\r\n\r\n", CHUNK),
  bad("CR LF before the first size", "\r\n5\r\nhello\r\n0\r\n\r\n", CHUNK),
];

const TRAILERS: readonly Row[] = [
  good("trailers", "5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Other:\r\n\r\n", "RFC 9112 §7.1.2"),
  bad("no empty line behind the last chunk", "5\r\nhello\r\n0\r\n", "RFC 9112 §7.1.2"),
  bad("a bare LF for the empty line", "5\r\nhello\r\n0\r\n\n", "RFC 9112 §2.2"),
  bad("LF LF behind the last size", "5\r\nhello\r\n0\n\n", "RFC 9112 §2.2"),
  bad("CR and no LF for the empty line", "5\r\nhello\r\n0\r\n\r", "RFC 9112 §2.2"),
  bad("a bare LF in a trailer", "0\r\nX: a\nY: b\r\n\r\n", "RFC 9112 §2.2"),
  bad("a bare CR in a trailer", "0\r\nX: a\rY: b\r\n\r\n", "RFC 9112 §2.2"),
  bad("a bare CR for a trailer", "0\r\n\rX\r\n\r\n", "RFC 9112 §2.2"),
  bad("a folded trailer", "0\r\nX: a\r\n b\r\n\r\n", "RFC 9112 §5.2"),
  bad("a space before the colon of a trailer", "0\r\nX : a\r\n\r\n", "RFC 9112 §5.1"),
  bad("NUL in a trailer", "0\r\nX: \u0000\r\n\r\n", "RFC 9110 §5.5"),
  bad("Content-Length as a trailer", "0\r\nContent-Length: 5\r\n\r\n", TRAILER),
  bad("Transfer-Encoding as a trailer", "0\r\nTransfer-Encoding: chunked\r\n\r\n", TRAILER),
  bad("Host as a trailer", "0\r\nHost: b\r\n\r\n", TRAILER),
  bad("Authorization as a trailer", "0\r\nAuthorization: b\r\n\r\n", TRAILER),
  bad("Cookie as a trailer", "0\r\nCookie: b\r\n\r\n", TRAILER),
  bad("Connection as a trailer", "0\r\nConnection: close\r\n\r\n", TRAILER),
  taken(
    "what the handler has of them: they are no fields of the head",
    posted(["Transfer-Encoding: chunked", "X: head"], "0\r\nX: trailer\r\n\r\n"),
    ["POST /", "GET /next"],
    "RFC 9110 §6.5.1",
  ),
];

/** See the top of this file. */
export const CHUNKS: Table = {
  title: "Chunks",
  rows: [...SIZES, ...EXTENSIONS, ...BETWEEN],
};
/** See the top of this file. */
export const TRAILER_FIELDS: Table = { title: "Trailers", rows: TRAILERS };
