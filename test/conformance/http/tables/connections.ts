/**
 * What is said about the connection: Connection, Expect, Upgrade, and requests behind requests.
 *
 * @module
 */
import { ask, NEXT, posted, refused, type Row, type Table, taken, takenOnce } from "../row.ts";

const CONNECTION = "RFC 9112 §9.3";
const EXPECT = "RFC 9110 §10.1.1";

/** A request with these fields, and one behind it. */
function get(...fields: readonly string[]): string {
  return ask("GET / HTTP/1.1", "Host: a", ...fields) + NEXT;
}

const BOTH = ["GET /", "GET /next"];

const ROWS: readonly Row[] = [
  taken(
    "requests behind each other: answered in order",
    posted(["Content-Length: 5"], "hello") + NEXT,
    ["POST / hello", "GET /next", "GET /next"],
    "CVE-2023-46137, CVE-2024-41671 (Twisted)",
  ),
  refused("a bad one behind a good one", `${NEXT}nonsense\r\n`, "the good one is answered", {
    before: [200],
    saw: ["GET /next"],
  }),
  takenOnce(
    "close: what is behind it is not read",
    get("Connection: close"),
    ["GET /"],
    CONNECTION,
  ),
  takenOnce("close among others", get("Connection: x, CLOSE ,y"), ["GET /"], CONNECTION),
  takenOnce(
    "close in the second of two",
    get("Connection: x", "Connection: close"),
    ["GET /"],
    CONNECTION,
  ),
  takenOnce("keep-alive and close", get("Connection: keep-alive, close"), ["GET /"], CONNECTION),
  taken(
    "close with a no-break space: another word",
    get("Connection: close\u00a0"),
    BOTH,
    CONNECTION,
  ),
  taken("a word that begins with close", get("Connection: closed"), BOTH, CONNECTION),
  taken(
    "fields of framing named in it",
    get("Connection: Content-Length, Host"),
    BOTH,
    "RFC 9110 §7.6.1",
  ),
  taken(
    "Proxy-Connection: close",
    get("Proxy-Connection: close"),
    BOTH,
    "RFC 9112 §C.2.2: ignored",
  ),
  takenOnce(
    "HTTP/1.0: what is behind it is not read",
    ask("GET / HTTP/1.0") + NEXT,
    ["GET /"],
    CONNECTION,
  ),
  taken(
    "HTTP/1.0 with keep-alive",
    ask("GET / HTTP/1.0", "Connection: keep-alive") + NEXT,
    BOTH,
    "RFC 9112 §C.2.2",
  ),
  taken(
    "Expect: 100-continue, in any case",
    posted(["Expect: 100-Continue", "Content-Length: 5"], "hello"),
    ["POST / hello", "GET /next"],
    EXPECT,
  ),
  taken("Expect: 100-continue without a body", get("Expect: 100-continue"), BOTH, EXPECT),
  takenOnce(
    "any Expect in HTTP/1.0: ignored",
    ask("GET / HTTP/1.0", "Expect: x"),
    ["GET /"],
    EXPECT,
  ),
  refused("an Expect that nobody knows", get("Expect: x"), EXPECT, { status: 417 }),
  refused("an empty Expect", get("Expect:"), EXPECT, { status: 417 }),
  refused("Expect: 100-continue with a parameter", get("Expect: 100-continue;a"), EXPECT, {
    status: 417,
  }),
  refused("Expect: 100-continue among others", get("Expect: 100-continue, x"), EXPECT, {
    status: 417,
  }),
  refused("another Expect before it", get("Expect: x", "Expect: 100-continue"), EXPECT, {
    status: 417,
  }),
  taken(
    "an Upgrade that the handler does not take",
    get("Connection: upgrade", "Upgrade: websocket"),
    BOTH,
    "RFC 9110 §7.8: it may be ignored",
  ),
  taken(
    "an Upgrade that Connection does not name",
    get("Upgrade: websocket"),
    BOTH,
    "RFC 9110 §7.8",
  ),
  taken(
    "an Upgrade with a body: the body is read, and nothing is switched",
    posted(["Connection: upgrade", "Upgrade: h2c", "Content-Length: 5"], "hello"),
    ["POST / hello", "GET /next"],
    "RFC 9110 §7.8",
  ),
  taken(
    "the settings of h2c: ignored",
    get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAA"),
    BOTH,
    "RFC 9113 §3.1: it is gone",
  ),
];

/** See the top of this file. */
export const CONNECTIONS: Table = { title: "Connections", rows: ROWS };
