/**
 * Request lines: their shape, method, target and version.
 *
 * @module
 */
import { ask, NEXT, refused, type Row, type Table, taken, takenOnce } from "../row.ts";

const HOST = "Host: a";
const START = "RFC 9112 §3: one space between the parts, and nothing else";
const VERSION = "RFC 9112 §2.3";
const TARGET = "RFC 9112 §3.2";

/** A request with this line. */
function line(first: string): string {
  return ask(first, HOST);
}

function bad(what: string, first: string, why: string, status = 400): Row {
  return refused(what, line(first), why, { status });
}

function good(what: string, first: string, saw: string, why: string): Row {
  return taken(what, line(first), [saw], why);
}

const SHAPE: readonly Row[] = [
  good("a plain request", "GET / HTTP/1.1", "GET /", "RFC 9112 §3"),
  taken("one empty line before it", `\r\n${NEXT}`, ["GET /next"], "RFC 9112 §2.2"),
  taken(
    "one empty line between two",
    `${NEXT}\r\n${NEXT}`,
    ["GET /next", "GET /next"],
    "RFC 9112 §2.2",
  ),
  refused("two empty lines before it", `\r\n\r\n${NEXT}`, "RFC 9112 §2.2: one is enough"),
  refused("a bare LF before it", `\n${NEXT}`, "RFC 9112 §2.2"),
  refused("a bare CR before it", `\r${NEXT}`, "RFC 9112 §2.2"),
  bad("a space before it", " GET / HTTP/1.1", START),
  bad("a tab before it", "\tGET / HTTP/1.1", START),
  bad("two spaces behind the method", "GET  / HTTP/1.1", START),
  bad("two spaces before the version", "GET /  HTTP/1.1", START),
  bad("a space behind the version", "GET / HTTP/1.1 ", START),
  bad("a tab behind the version", "GET / HTTP/1.1\t", START),
  bad("tabs for spaces", "GET\t/\tHTTP/1.1", START),
  bad("a tab behind the method", "GET\t/ HTTP/1.1", START),
  bad("a tab before the version", "GET /\tHTTP/1.1", START),
  bad("a vertical tab behind the method", "GET\u000b/ HTTP/1.1", START),
  bad("a form feed before the version", "GET /\u000cHTTP/1.1", START),
  bad("a no-break space (in Latin-1) before the version", "GET /\u00a0HTTP/1.1", START),
  bad("a space in the target", "GET /a b HTTP/1.1", "RFC 9112 §3.2: it is an invalid request line"),
  refused("a bare LF at its end", `GET / HTTP/1.1\nHost: a\r\n\r\n`, "CVE-2022-32214 (Node)"),
  refused("bare LFs all over", "GET / HTTP/1.1\nHost: a\n\n", "CVE-2019-16785 (waitress)"),
  refused("a bare CR at its end", "GET / HTTP/1.1\rHost: a\r\n\r\n", "RFC 9112 §2.2"),
  refused("two CRs at its end", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", "RFC 9112 §2.2"),
  bad("a bare CR in the target", "GET /\ra HTTP/1.1", "RFC 9112 §2.2"),
  bad("a bare LF in the target", "GET /\na HTTP/1.1", "RFC 9112 §2.2"),
  bad("NUL in the method", "G\u0000ET / HTTP/1.1", "RFC 9110 §5.6.2"),
  bad("NUL in the target", "GET /\u0000 HTTP/1.1", TARGET),
  bad("NUL behind the version", "GET / HTTP/1.1\u0000", VERSION),
  bad("a control character in the target", "GET /\u0001 HTTP/1.1", TARGET),
  bad("DEL in the target", "GET /\u007f HTTP/1.1", TARGET),
  bad("a byte order mark before it", "\u00ef\u00bb\u00bfGET / HTTP/1.1", "RFC 9110 §5.6.2"),
  refused("a TLS handshake", "\u0016\u0003\u0001\u0002\u0000\u0001\n", "a client that means https"),
  refused("nothing but a method", ask("GET"), START),
];

const METHODS: readonly Row[] = [
  good("a method in lower case", "get / HTTP/1.1", "get /", "RFC 9110 §9.1: another method"),
  good("a method that nobody knows", "BREW /pot HTTP/1.1", "BREW /pot", "RFC 9110 §9.1"),
  good(
    "all signs of a token",
    "!#$%&'*+-.^_`|~ / HTTP/1.1",
    "!#$%&'*+-.^_`|~ /",
    "RFC 9110 §5.6.2",
  ),
  bad("a colon in the method", "GE:T / HTTP/1.1", "RFC 9110 §5.6.2"),
  bad("brackets in the method", "GET() / HTTP/1.1", "RFC 9110 §5.6.2"),
  bad("a letter that is not ASCII in the method", "G\u00cbT / HTTP/1.1", "RFC 9110 §5.6.2"),
  bad("no method", " / HTTP/1.1", START),
];

const VERSIONS: readonly Row[] = [
  good("HTTP/1.2", "GET / HTTP/1.2", "GET /", "RFC 9110 §2.5: read as 1.1"),
  good("HTTP/1.9", "GET / HTTP/1.9", "GET /", "RFC 9110 §2.5: read as 1.1"),
  takenOnce("HTTP/1.0", ask("GET / HTTP/1.0"), ["GET /"], "RFC 9112 §C.2.1: no Host is needed"),
  bad("HTTP/0.9 without a version", "GET /", "RFC 9112 §3: a line of two parts is none"),
  bad("HTTP/0.9 with its version", "GET / HTTP/0.9", "RFC 9110 §15.6.6", 505),
  bad("HTTP/2.0", "GET / HTTP/2.0", "RFC 9110 §15.6.6", 505),
  bad("HTTP/3.0", "GET / HTTP/3.0", "RFC 9110 §15.6.6", 505),
  bad("the version in lower case", "GET / http/1.1", VERSION),
  bad("a version of two digits", "GET / HTTP/1.10", VERSION),
  bad("a zero before the version", "GET / HTTP/01.1", VERSION),
  bad("half a version", "GET / HTTP/1", VERSION),
  bad("a version with a sign", "GET / HTTP/+1.1", VERSION),
  bad("a version with a comma", "GET / HTTP/1,1", VERSION),
  bad("a space in the version", "GET / HTTP /1.1", VERSION),
  bad("something behind the version", "GET / HTTP/1.1x", VERSION),
  bad("another protocol", "GET / ICY/1.1", VERSION),
  bad("a digit of another script", "GET / HTTP/\u00b9.1", VERSION),
];

const TARGETS: readonly Row[] = [
  good("dots and slashes as they are", "GET //a/./../b;c HTTP/1.1", "GET //a/./../b;c", TARGET),
  good("malformed percent-encoding", "GET /%zz HTTP/1.1", "GET /%zz", "a Resource answers 400"),
  good(
    "signs that should be encoded",
    'GET /"<>\\^`{|} HTTP/1.1',
    'GET /"<>\\^`{|}',
    "they do no harm",
  ),
  bad("a fragment", "GET /#a HTTP/1.1", TARGET),
  bad("an empty target", "GET  HTTP/1.1", TARGET),
  bad("a relative target", "GET a HTTP/1.1", TARGET),
  bad("a query alone", "GET ?a HTTP/1.1", TARGET),
  bad("a target in UTF-8", "GET /\u00c3\u00a9 HTTP/1.1", "RFC 3986 §2: to be percent-encoded"),
  bad("a backslash first", "GET \\a HTTP/1.1", TARGET),
  good("absolute-form", "GET http://a/b?c HTTP/1.1", "GET /b?c", "RFC 9112 §3.2.2"),
  good(
    "absolute-form of another host: it counts, and not Host",
    "GET http://b:81/ HTTP/1.1",
    "GET / at b:81",
    "RFC 9112 §3.2.2",
  ),
  good("absolute-form without a path", "GET http://b HTTP/1.1", "GET / at b", "RFC 9110 §4.2.3"),
  good(
    "absolute-form with a query alone",
    "GET http://b?q HTTP/1.1",
    "GET /?q at b",
    "RFC 9110 §4.2.3",
  ),
  good("absolute-form of another scheme", "GET ftp://b/c HTTP/1.1", "GET /c at b", "RFC 9110 §7.4"),
  bad("user information", "GET http://u:p@a/ HTTP/1.1", "RFC 9110 §4.2.4"),
  bad("absolute-form without a host", "GET http:///a HTTP/1.1", "RFC 9110 §4.2.1"),
  bad("absolute-form with a port alone", "GET http://:80/ HTTP/1.1", "RFC 9110 §4.2.1"),
  bad("absolute-form with one slash", "GET http:/a HTTP/1.1", TARGET),
  bad("absolute-form with a port that is none", "GET http://a:b/ HTTP/1.1", "RFC 3986 §3.2.3"),
  bad("absolute-form with half an address", "GET http://[::1/ HTTP/1.1", "RFC 3986 §3.2.2"),
  bad("absolute-form with a fragment", "GET http://a/#b HTTP/1.1", TARGET),
  bad("absolute-form with a backslash", "GET http://a\\b/ HTTP/1.1", "RFC 3986 §3.2"),
  good("OPTIONS *", "OPTIONS * HTTP/1.1", "OPTIONS *", "RFC 9112 §3.2.4"),
  good("OPTIONS of a host", "OPTIONS http://b:81 HTTP/1.1", "OPTIONS * at b:81", "RFC 9112 §3.2.4"),
  bad("OPTIONS **", "OPTIONS ** HTTP/1.1", "RFC 9112 §3.2.4"),
  bad("GET *", "GET * HTTP/1.1", "RFC 9112 §3.2.4"),
  good("CONNECT", "CONNECT b:443 HTTP/1.1", "CONNECT  at b:443", "RFC 9112 §3.2.3"),
  bad("CONNECT without a port", "CONNECT b HTTP/1.1", "RFC 9110 §9.3.6"),
  bad("CONNECT with an empty port", "CONNECT b: HTTP/1.1", "RFC 9110 §9.3.6"),
  bad("CONNECT with a path", "CONNECT / HTTP/1.1", "RFC 9112 §3.2.3"),
  bad("CONNECT with absolute-form", "CONNECT http://b:80/ HTTP/1.1", "RFC 9112 §3.2.3"),
  bad("CONNECT with user information", "CONNECT u@b:443 HTTP/1.1", "RFC 9112 §3.2.3"),
  bad("GET with authority-form", "GET b:443 HTTP/1.1", "RFC 9112 §3.2.3"),
];

/** See the top of this file. */
export const REQUEST_LINES: Table = {
  title: "Request lines",
  rows: [...SHAPE, ...METHODS, ...VERSIONS, ...TARGETS],
};
