/**
 * Fields of a head: their syntax, and Host.
 *
 * @module
 */
import { ask, NEXT, posted, refused, type Row, type Table, taken } from "../row.ts";

const NAME = "RFC 9110 §5.1: a name is a token";
const VALUE = "RFC 9110 §5.5";
const FOLD = "RFC 9112 §5.2";
const HOST = "RFC 9112 §3.2";

/** A request with this line among its fields, or with these bytes between two of them. */
function among(line: string): string {
  return `GET / HTTP/1.1\r\nHost: a\r\n${line}\r\nAccept: b\r\n\r\n${NEXT}`;
}

function bad(what: string, line: string, why: string): Row {
  return refused(what, among(line), why);
}

function good(what: string, line: string, why: string): Row {
  return taken(what, among(line), ["GET /", "GET /next"], why);
}

const NAMES: readonly Row[] = [
  good("any token for a name", "!#$%&'*+-.^_`|~: b", NAME),
  good("an underscore in a name: another field", "Content_Length: 5", "not for CGI: read on"),
  bad("a space before the colon", "X : b", "RFC 9112 §5.1; CVE-2021-22959 (Node)"),
  bad("a tab before the colon", "X\t: b", "RFC 9112 §5.1"),
  refused(
    "a space before the colon of Content-Length",
    posted(["Content-Length : 5"], "hello"),
    "RFC 9112 §5.1; CVE-2019-16276 (Go)",
  ),
  refused(
    "a space before the colon of Transfer-Encoding",
    posted(["Content-Length: 5", "Transfer-Encoding : chunked"], "0\r\n\r\n"),
    "RFC 9112 §5.1",
  ),
  bad("a vertical tab before the colon", "Transfer-Encoding\u000b: chunked", NAME),
  bad("NUL before the colon", "Transfer-Encoding\u0000: chunked", NAME),
  bad("an empty name", ": b", "CVE-2023-25725 (HAProxy)"),
  bad("no colon", "Accept", "RFC 9112 §5"),
  bad("a space in a name", "Transfer Encoding: chunked", NAME),
  bad("a quoted name", '"X": b', NAME),
  bad("brackets in a name", "X(): b", NAME),
  bad("a slash in a name", "X/Y: b", NAME),
  bad("a control character in a name", "X\u0001Y: b", NAME),
  bad("DEL in a name", "X\u007f: b", NAME),
  bad("a letter that is not ASCII in a name", "X\u00e9: b", NAME),
  bad("a bare CR in a name", "X\rY: b", "RFC 9112 §2.2"),
];

const VALUES: readonly Row[] = [
  good("an empty value", "X:", VALUE),
  good("blanks around a value", "X: \t b \t", "RFC 9112 §5.1"),
  good("a tab in a value", "X: b\tc", VALUE),
  good("bytes above 127 in a value", "X: \u0080\u00ff", "RFC 9110 §5.5: obs-text"),
  good("a colon in a value", "X: b: c", VALUE),
  good("a field twice", "Accept: c", "RFC 9110 §5.3"),
  bad("NUL in a value", "X: b\u0000c", VALUE),
  bad("a control character in a value", "X: b\u0001c", VALUE),
  bad("a vertical tab in a value", "X: \u000bb", "CVE-2022-24801 (Twisted)"),
  bad("a form feed behind a value", "X: b\u000c", "CVE-2022-24801 (Twisted)"),
  bad("a file separator (0x1c) behind a value", "X: b\u001c", "CVE-2022-24801 (Twisted)"),
  bad("DEL in a value", "X: b\u007f", VALUE),
  bad("a bare CR in a value", "X: b\rc", "RFC 9112 §2.2"),
  bad("a bare CR and a field in a value", "X: b\rContent-Length: 5", "CVE-2023-30589 (Node)"),
  bad("two CRs at the end of a line", "X: b\r", "RFC 9112 §2.2"),
  bad(
    "a bare LF and a field in a value",
    "X: b\nTransfer-Encoding: chunked",
    "CVE-2022-32214 (Node)",
  ),
  refused(
    "a CR before the first name",
    `GET / HTTP/1.1\r\n\rHost: a\r\n\r\n`,
    "CVE-2025-23167 (Node)",
  ),
  refused(
    "a CR and a byte in the place of the empty line",
    `GET / HTTP/1.1\r\nHost: a\r\n\rX\r\n\r\n${NEXT}`,
    "CVE-2025-23167 (Node)",
  ),
  refused("LF LF at the end of the head", `GET / HTTP/1.1\r\nHost: a\n\n${NEXT}`, "RFC 9112 §2.2"),
  refused(
    "CR LF LF at the end of the head",
    `GET / HTTP/1.1\r\nHost: a\r\n\n${NEXT}`,
    "RFC 9112 §2.2",
  ),
  refused(
    "LF CR LF at the end of the head",
    `GET / HTTP/1.1\r\nHost: a\n\r\n${NEXT}`,
    "RFC 9112 §2.2",
  ),
  refused("CR CR at the end of the head", `GET / HTTP/1.1\r\nHost: a\r\r${NEXT}`, "RFC 9112 §2.2"),
];

const FOLDS: readonly Row[] = [
  bad("a folded value", "X: b\r\n c", FOLD),
  bad("a value folded with a tab", "X: b\r\n\tc", FOLD),
  bad("a fold of blanks alone", "X: b\r\n \t", FOLD),
  bad("a folded Transfer-Encoding", "Transfer-Encoding:\r\n chunked", "CVE-2022-32215 (Node)"),
  bad("a folded Content-Length", "Content-Length:\r\n 5", FOLD),
  bad("a Content-Length behind a space", " Content-Length: 5", "CVE-2024-27982 (Node)"),
  refused("a space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "RFC 9112 §2.2"),
  refused(
    "blanks in the place of the empty line",
    `GET / HTTP/1.1\r\nHost: a\r\n \r\n${NEXT}`,
    "RFC 9112 §5.2",
  ),
];

/** A request with these Host fields, or none. */
function hosts(...values: readonly string[]): string {
  return ask("GET / HTTP/1.1", ...values.map((value) => `Host: ${value}`));
}

function host(what: string, value: string, why = HOST): Row {
  return refused(what, hosts(value), why);
}

const HOSTS: readonly Row[] = [
  taken("an empty Host", hosts(""), ["GET / at "], "RFC 9110 §7.2"),
  taken("a Host with a port", hosts("b:8080"), ["GET / at b:8080"], "RFC 9110 §7.2"),
  taken("a Host with an empty port", hosts("b:"), ["GET / at b:"], "RFC 3986 §3.2.3"),
  taken(
    "an IPv6 address",
    hosts("[2001:db8::1]:80"),
    ["GET / at [2001:db8::1]:80"],
    "RFC 9110 §7.2",
  ),
  taken("an underscore in a Host", hosts("a_b"), ["GET / at a_b"], "RFC 3986 §3.2.2"),
  refused("no Host", hosts(), HOST),
  refused("no Host with absolute-form", ask("GET http://a/ HTTP/1.1"), HOST),
  refused("two Hosts", hosts("a", "b"), HOST),
  refused("the same Host twice", hosts("a", "a"), HOST),
  refused("two Hosts in HTTP/1.0", ask("GET / HTTP/1.0", "Host: a", "Host: b"), HOST),
  refused("a bad Host in HTTP/1.0", ask("GET / HTTP/1.0", "Host: a b"), HOST),
  host("a space in a Host", "a b"),
  host("user information in a Host", "u@a"),
  host("a path in a Host", "a/b"),
  host("a scheme in a Host", "http://a"),
  host("a query in a Host", "a?b"),
  host("a fragment in a Host", "a#b"),
  host("a port that is none", "a:b"),
  host("a port with a sign", "a:+80"),
  host("two ports", "a:80:81"),
  host("a port of six digits", "a:000080"),
  host("a port alone", ":80"),
  host("half an address", "[::1"),
  host("an address without brackets", "::1"),
  host("an IPv6 address that is none", "[1::2::3]"),
  host("an IPv4 address in brackets", "[127.0.0.1]"),
  host("something behind an address", "[::1]a"),
  host("a letter that is not ASCII in a Host", "\u00e9"),
  host("NUL in a Host", "a\u0000", VALUE),
  host("a backslash in a Host", "a\\b"),
];

/** See the top of this file. */
export const FIELDS: Table = { title: "Fields", rows: [...NAMES, ...VALUES, ...FOLDS] };

/** See the top of this file. */
export const HOST_FIELDS: Table = { title: "Host", rows: HOSTS };
