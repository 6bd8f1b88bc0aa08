/**
 * HTTP/1 answers, from bytes to events: what a client and a proxy read.
 *
 *     bytes ─▶ receive ─▶ next() ─▶ response (1xx)*, response, data, data, end
 *
 * How long an answer is depends on what was asked, so the reader is told: `expect(method)` for each
 * request, in the order in which they are sent.
 *
 * Spec: RFC 9112 §4, §6.3, RFC 9110 §15. Differs: an answer that frames its body in two ways is
 * refused, as a request is.
 *
 * @module
 */
import { quote } from "../../../core/text.ts";
import { BodyReader } from "./body-reader.ts";
import type { DataEvent, EndEvent, Framing, HTTPVersion, ResponseHead } from "./events.ts";
import { type FieldLimits, FieldReader, type Fields, interpret } from "./fields.ts";
import { isFieldValue } from "./field-names.ts";
import { Inbox } from "./inbox.ts";
import { type CompleteLimits, HTTP_LIMITS } from "./limits.ts";
import { HTTPMessageError } from "./message-error.ts";
import { checkCoding, isKeptAlive, readVersion } from "./request-reader.ts";

/** What {@link ResponseReader.next} gives. */
export type ResponseEvent = ResponseHead | DataEvent | EndEvent;

const NO_BODY: Framing = { kind: "none" };
/** Above 599 a status is the server's own (RFC 9110 §15): to be taken for a 5xx. */
const STATUS_LINE = /^(HTTP\/\d\.\d) ([1-9]\d\d)(?: (.*))?$/u;
const SWITCHING_PROTOCOLS = 101;
const NO_CONTENT = 204;
const NOT_MODIFIED = 304;
/** More before the real answer are a flood. */
const INTERIM_MAX = 100;

interface StatusLine {
  readonly version: HTTPVersion;
  readonly status: number;
  readonly phrase: string;
  readonly bytes: number;
}

type State = "start" | "fields" | "body" | "spent";

/** See the top of this file. One for a connection. */
export class ResponseReader {
  readonly #fieldLimits: FieldLimits;
  readonly #inbox = new Inbox();
  readonly #body: BodyReader;
  /** Methods of the requests that are not answered yet. */
  readonly #asked: string[] = [];
  #state: State = "start";
  #line: StatusLine | undefined;
  #fields: FieldReader | undefined;
  #interim = 0;

  constructor(limits: CompleteLimits = HTTP_LIMITS) {
    const { maxLineBytes, maxHeadBytes, maxFields } = limits;
    this.#fieldLimits = {
      line: { bytes: maxLineBytes, fault: "line-too-long" },
      maxFields,
      maxBytes: maxHeadBytes,
      tooLarge: "head-too-large",
    };
    this.#body = new BodyReader(limits);
  }

  /** A request with this method was sent. */
  expect(method: string): void {
    this.#asked.push(method);
  }

  /** Requests without a whole answer. */
  get expected(): number {
    return this.#asked.length;
  }

  /** More bytes; they are the reader's. */
  receive(bytes: Buffer): void {
    this.#inbox.receive(bytes);
  }

  /** Received, and not handed on. */
  get unreadBytes(): number {
    return this.#inbox.length;
  }

  /**
   * The next event; `undefined` when more bytes are needed.
   *
   * @throws {HTTPMessageError} The reader is spent then: drop the connection.
   */
  next(): ResponseEvent | undefined {
    try {
      return this.#next();
    } catch (error) {
      this.#state = "spent";
      throw error;
    }
  }

  /**
   * No more bytes will come.
   *
   * @returns The end of an answer that ends so.
   * @throws {HTTPMessageError} `truncated`: in the middle of one.
   */
  receiveEnd(): EndEvent | undefined {
    if (this.#state === "spent") return undefined;
    const isBetween = this.#state === "start" && this.#inbox.length === 0;
    const end = this.#state === "body" ? this.#body.end() : undefined;
    this.#state = "spent";
    if (end !== undefined) this.#asked.shift();
    if (end !== undefined || isBetween) return end;
    throw new HTTPMessageError("truncated", "Cannot read an answer: expected more, got the end");
  }

  /** The connection is something else from here on: what came of that. The reader is spent. */
  takeRest(): Buffer {
    this.#state = "spent";
    return this.#inbox.takeAll();
  }

  #next(): ResponseEvent | undefined {
    switch (this.#state) {
      case "start":
        return this.#readLine() ? this.#readFields() : undefined;
      case "fields":
        return this.#readFields();
      case "body": {
        const event = this.#body.next(this.#inbox);
        if (event?.type === "end") {
          this.#asked.shift();
          this.#state = "start";
        }
        return event;
      }
      default:
        return undefined;
    }
  }

  #readLine(): boolean {
    if (this.#inbox.length === 0) return false;
    if (this.#asked.length === 0) {
      throw new HTTPMessageError("status-line", "Cannot read an answer: nothing was asked");
    }
    const line = this.#inbox.line(this.#fieldLimits.line);
    if (line === undefined) return false;
    this.#line = readStatusLine(line);
    this.#fields = new FieldReader(this.#fieldLimits, this.#line.bytes);
    this.#state = "fields";
    return true;
  }

  #readFields(): ResponseHead | undefined {
    const list = this.#fields?.read(this.#inbox);
    if (list === undefined || this.#line === undefined) return undefined;
    const head = responseHead(this.#line, interpret(list), this.#asked[0] ?? "GET");
    if (head.switches) this.#state = "spent";
    else if (head.status < 200) this.#countInterim();
    else {
      this.#interim = 0;
      this.#body.begin(head.framing);
      this.#state = "body";
    }
    return head;
  }

  #countInterim(): void {
    this.#state = "start";
    this.#interim += 1;
    if (this.#interim > INTERIM_MAX) {
      throw new HTTPMessageError("status-line", "Cannot read an answer: too many interim ones");
    }
  }
}

function readStatusLine(line: string): StatusLine {
  const [, version, status, phrase = ""] = STATUS_LINE.exec(line) ?? [];
  if (version === undefined || !isFieldValue(phrase)) {
    throw new HTTPMessageError(
      "status-line",
      `Cannot read an answer: expected "HTTP/1.1 200 OK", got ${quote(line)}`,
    );
  }
  const bytes = line.length + 2;
  return { version: readVersion(version), status: Number(status), phrase, bytes };
}

function responseHead(line: StatusLine, fields: Fields, method: string): ResponseHead {
  const { version, status, phrase } = line;
  const isTunnel = method === "CONNECT" && status >= 200 && status < 300;
  const switches = status === SWITCHING_PROTOCOLS || isTunnel;
  const framing = responseFraming(line, fields, method);
  const keepAlive = isKeptAlive(version, fields) && framing.kind !== "until-close";
  return { type: "response", status, phrase, version, fields, framing, keepAlive, switches };
}

/** RFC 9112 §6.3. */
function responseFraming(line: StatusLine, fields: Fields, method: string): Framing {
  const { status, version } = line;
  const { transferEncoding, contentLength } = fields;
  if (method === "HEAD" || status < 200 || status === NO_CONTENT || status === NOT_MODIFIED) {
    return NO_BODY;
  }
  if (method === "CONNECT" && status < 300) return NO_BODY;
  if (transferEncoding !== undefined) {
    checkCoding(transferEncoding, version);
    return { kind: "chunked" };
  }
  return contentLength === undefined
    ? { kind: "until-close" }
    : { kind: "length", length: contentLength };
}
