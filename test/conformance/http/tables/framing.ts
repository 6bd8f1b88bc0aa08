/**
 * How long a body is: Content-Length, Transfer-Encoding, and both.
 *
 * @module
 */
import { ask, NEXT, posted, refused, type Row, type Table, taken } from "../row.ts";

const LENGTH = "RFC 9110 §8.6";
const CODING = "RFC 9112 §6.1";
const BOTH = "RFC 9112 §6.3";
const BODY = ["POST / hello", "GET /next"];
const CHUNKS = "5\r\nhello\r\n0\r\n\r\n";

/** With a body of five bytes, and a request behind it. */
function length(...values: readonly string[]): string {
  return posted(
    values.map((value) => `Content-Length: ${value}`),
    "hello",
  );
}

function badLength(what: string, value: string, why = LENGTH): Row {
  return refused(what, length(value), why);
}

const LENGTHS: readonly Row[] = [
  taken("a body", length("5"), BODY, LENGTH),
  taken("blanks around the length", length(" \t5 "), BODY, LENGTH),
  taken("zeros before the length", length("005"), BODY, LENGTH),
  taken(
    "a body of GET",
    `${ask("GET / HTTP/1.1", "Host: a", "Content-Length: 5")}hello${NEXT}`,
    ["GET / hello", "GET /next"],
    "RFC 9110 §9.3.1: it is read, and means nothing",
  ),
  taken(
    "no length and no coding: no body",
    ask("POST / HTTP/1.1", "Host: a") + NEXT,
    ["POST /", "GET /next"],
    BOTH,
  ),
  taken(
    "a body that is longer than its length: its rest is a request",
    length("4"),
    ["POST / hell", "oGET /next"],
    "RFC 9112 §6.3",
  ),
  badLength("no length", ""),
  badLength(
    "a plus before the length",
    "+5",
    "CVE-2022-24801 (Twisted), CVE-2022-24761 (waitress)",
  ),
  badLength("a minus before the length", "-5"),
  badLength("minus zero", "-0"),
  badLength("a hexadecimal length", "0x5"),
  badLength("an underscore in the length", "1_0"),
  badLength("a point in the length", "5.0"),
  badLength("an exponent", "5e0"),
  badLength("a space in the length", "5 5"),
  badLength("a letter behind the length", "5a"),
  badLength("a semicolon behind the length", "5;"),
  badLength("a quoted length", '"5"'),
  badLength("a vertical tab behind the length", "5\u000b", "CVE-2022-24801 (Twisted)"),
  badLength("NUL behind the length", "5\u0000"),
  badLength("a digit of another kind", "\u00b2"),
  badLength("2^53", "9007199254740992", "more than a number holds"),
  badLength("2^64 and five", "18446744073709551621", "an overflow would read 5"),
  badLength(
    "seventeen digits, of which one counts",
    "00000000000000005",
    "a bound that nobody needs",
  ),
  badLength("a list of the same", "5, 5", "RFC 9110 §8.6: a server may refuse it"),
  badLength("a list of two", "5, 6"),
  badLength("a comma behind the length", "5,"),
  refused("two of them", length("5", "6"), "CVE-2020-10108 (Twisted), CVE-2019-16792 (waitress)"),
  refused("the same twice", length("5", "5"), "CVE-2020-10108 (Twisted)"),
  refused("an empty one, and one", length("", "5"), "CVE-2023-40225 (HAProxy)"),
  refused("a bad one behind a good one", length("5", "x"), LENGTH),
];

/** With a body in chunks, and a request behind it. */
function coding(...values: readonly string[]): string {
  return posted(
    values.map((value) => `Transfer-Encoding: ${value}`),
    CHUNKS,
  );
}

function badCoding(what: string, value: string, why = CODING, status = 400): Row {
  return refused(what, coding(value), why, { status });
}

const CODINGS: readonly Row[] = [
  taken("chunks", coding("chunked"), BODY, CODING),
  taken("upper case", coding("CHUNKED"), BODY, "RFC 9112 §7: names of codings know no case"),
  taken("blanks around it", coding(" \tchunked\t "), BODY, "RFC 9112 §5.1"),
  badCoding("no coding", ""),
  badCoding("xchunked", "xchunked", "CVE-2019-15605 (Node)"),
  badCoding("chunkedx", "chunkedx"),
  badCoding("chunkedchunked", "chunkedchunked", "CVE-2022-32213 (Node)"),
  badCoding("a quoted coding", '"chunked"'),
  badCoding("a parameter", "chunked;a=b"),
  badCoding(
    "a vertical tab before it",
    "\u000bchunked",
    "CVE-2022-1705 (Go), CVE-2019-16786 (waitress)",
  ),
  badCoding("a vertical tab behind it", "chunked\u000b", "CVE-2022-24801 (Twisted)"),
  badCoding("NUL behind it", "chunked\u0000"),
  badCoding("a no-break space before it", "\u00a0chunked"),
  badCoding("the Kelvin sign, whose lower case is k", "chun\u00e2\u0084\u00aaed"),
  badCoding("a comma behind it", "chunked,"),
  badCoding("a comma before it", ",chunked", "an empty coding is none we know", 501),
  badCoding("identity", "identity", "RFC 9112 §7: there is no such coding"),
  badCoding("chunked, identity", "chunked, identity", "CVE-2024-1135 (gunicorn)"),
  badCoding("identity, chunked", "identity, chunked", "RFC 9112 §7", 501),
  badCoding("chunked twice in a list", "chunked, chunked", CODING),
  badCoding("gzip", "gzip", "RFC 9112 §6.3: chunked must be the last"),
  badCoding("gzip, chunked", "gzip, chunked", "RFC 9112 §6.1", 501),
  badCoding("chunked, gzip", "chunked, gzip", "RFC 9112 §6.3: chunked must be the last"),
  badCoding("a list by blanks", "identity chunked", "CVE-2024-6827 (gunicorn)", 501),
  refused("two of them", coding("chunked", "identity"), "CVE-2020-8287 (Node)"),
  refused(
    "two of them, the other way round",
    coding("identity", "chunked"),
    "CVE-2020-8287 (Node)",
  ),
  refused("the same twice", coding("chunked", "chunked"), "CVE-2022-32213 (Node)"),
  refused("an empty one, and one", coding("", "chunked"), CODING),
  refused(
    "a coding in HTTP/1.0",
    `${ask("POST / HTTP/1.0", "Transfer-Encoding: chunked")}${CHUNKS}${NEXT}`,
    "RFC 9112 §6.1: its framing is faulty",
  ),
  refused(
    "a coding in HTTP/1.0 that keeps the connection",
    ask("POST / HTTP/1.0", "Connection: keep-alive", "Transfer-Encoding: chunked") + CHUNKS + NEXT,
    "RFC 9112 §6.1",
  ),
  taken(
    "TE is no coding",
    posted(["TE: chunked", "Content-Length: 5"], "hello"),
    BODY,
    "RFC 9110 §10.1.4",
  ),
  taken(
    "Content-Encoding is none",
    posted(["Content-Encoding: chunked", "Content-Length: 5"], "hello"),
    BODY,
    "RFC 9110 §8.4",
  ),
  taken(
    "Transfer_Encoding is none",
    posted(["Transfer_Encoding: chunked", "Content-Length: 5"], "hello"),
    BODY,
    "RFC 9110 §5.1",
  ),
];

/** Both, with a body that fits the one and not the other. */
function both(...fields: readonly string[]): string {
  return posted(fields, "0\r\n\r\n");
}

const TWO: readonly Row[] = [
  refused(
    "CL.TE",
    both("Content-Length: 5", "Transfer-Encoding: chunked"),
    "CVE-2020-10109 (Twisted)",
  ),
  refused(
    "TE.CL",
    both("Transfer-Encoding: chunked", "Content-Length: 5"),
    "CVE-2020-10109 (Twisted)",
  ),
  refused(
    "a length of 0, and a coding",
    both("Content-Length: 0", "Transfer-Encoding: chunked"),
    BOTH,
  ),
  refused(
    "a length, and a coding nobody knows",
    both("Content-Length: 5", "Transfer-Encoding: x"),
    BOTH,
  ),
  refused("a length, and an empty coding", both("Content-Length: 5", "Transfer-Encoding:"), BOTH),
  refused(
    "a length, and a coding in other cases",
    both("content-LENGTH: 5", "transfer-ENCODING: chunked"),
    BOTH,
  ),
  refused(
    "both in HTTP/1.0",
    `${ask("POST / HTTP/1.0", "Content-Length: 5", "Transfer-Encoding: chunked")}0\r\n\r\n`,
    BOTH,
  ),
  refused(
    "CONNECT with a length",
    `${ask("CONNECT b:443 HTTP/1.1", "Host: b", "Content-Length: 5")}hello`,
    "RFC 9110 §9.3.6: its meaning is not defined",
  ),
  refused(
    "CONNECT with a coding",
    `${ask("CONNECT b:443 HTTP/1.1", "Host: b", "Transfer-Encoding: chunked")}${CHUNKS}`,
    "RFC 9110 §9.3.6",
  ),
];

/** See the top of this file. */
export const LENGTH_FIELDS: Table = { title: "Content-Length", rows: LENGTHS };
/** See the top of this file. */
export const CODING_FIELDS: Table = { title: "Transfer-Encoding", rows: CODINGS };
/** See the top of this file. */
export const BOTH_FIELDS: Table = { title: "Both, and bodies where none may be", rows: TWO };
