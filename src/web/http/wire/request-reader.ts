/**
 * HTTP/1 requests, from bytes to events.
 *
 *     bytes ─▶ receive ─▶ next() ─▶ request, data, data, end ─▶ proceed() ─▶ next() ─▶ request …
 *
 * Events are pulled, so that who reads them can stop between two: what follows stays unread, and a
 * pipelined request is not looked at before the one before it is answered.
 *
 * Spec: RFC 9112, RFC 9110. Differs: strict where the specification leaves a choice and where
 * servers are known to differ: see docs/internals/http-strictness.md.
 *
 * @module
 */
import { quote } from "../../../core/text.ts";
import { BodyReader, BODY_END } from "./body-reader.ts";
import type { DataEvent, EndEvent, Framing, HTTPVersion, RequestHead } from "./events.ts";
import { type FieldLimits, FieldReader, type Fields, interpret } from "./fields.ts";
import { isToken } from "./field-names.ts";
import { Inbox, type LineLimit } from "./inbox.ts";
import { type CompleteLimits, HTTP_LIMITS } from "./limits.ts";
import { HTTPMessageError } from "./message-error.ts";
import { readTarget, type Target } from "./targets.ts";

/** What {@link RequestReader.next} gives. */
export type RequestEvent = RequestHead | DataEvent | EndEvent;

const NO_BODY: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };
/** Longer than any that is registered. */
const METHOD_MAX = 64;
/** How most start lines end. */
const USUAL_END = " HTTP/1.1";
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT"]);
const VERSION = /^HTTP\/(\d)\.(\d)$/u;

/** The start line of a request. */
interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly version: HTTPVersion;
}

/** A head that came in one piece. */
interface KnownHead {
  readonly text: string;
  /** Its lines but for the first. */
  readonly block: string;
  readonly head: RequestHead;
}

type State = "start" | "fields" | "no-body" | "body" | "done" | "spent";

/** See the top of this file. One for a connection. */
export class RequestReader {
  readonly #limits: CompleteLimits;
  readonly #fieldLimits: FieldLimits;
  readonly #startLimit: LineLimit;
  readonly #inbox = new Inbox();
  readonly #body: BodyReader;
  #state: State = "start";
  #blankLines = 0;
  #line: RequestLine | undefined;
  #fields: FieldReader | undefined;
  /** The last with other fields than before: most clients send them again, many the same head. */
  #known: KnownHead | undefined;

  constructor(limits: CompleteLimits = HTTP_LIMITS) {
    this.#limits = limits;
    const { maxLineBytes, maxHeadBytes, maxFields, maxTargetBytes } = limits;
    this.#fieldLimits = {
      line: { bytes: maxLineBytes, fault: "line-too-long" },
      maxFields,
      maxBytes: maxHeadBytes,
      tooLarge: "head-too-large",
    };
    // Method, two spaces and the version stand beside the target.
    const startBytes = maxTargetBytes + METHOD_MAX + " HTTP/1.1 ".length;
    this.#startLimit = { bytes: startBytes, fault: "target-too-long" };
    this.#body = new BodyReader(limits);
  }

  /** More bytes; they are the reader's. */
  receive(bytes: Buffer): void {
    this.#inbox.receive(bytes);
  }

  /** Has anything of a request come that is not answered? */
  get idle(): boolean {
    return this.#state === "start" && this.#inbox.length === 0;
  }

  /** Received, and not handed on. */
  get unreadBytes(): number {
    return this.#inbox.length;
  }

  /** Bytes of this body that have not been handed on; `undefined` while that is not known. */
  get bodyLeft(): number | undefined {
    return this.#state === "body" ? this.#body.left : 0;
  }

  /**
   * The next event; `undefined` when more bytes are needed, or after `end` until `proceed()`.
   *
   * @throws {HTTPMessageError} The reader is spent then: answer, and drop the connection.
   */
  next(): RequestEvent | undefined {
    try {
      return this.#next();
    } catch (error) {
      this.#state = "spent";
      throw error;
    }
  }

  /** The request is answered: go on to the next one. */
  proceed(): void {
    if (this.#state === "done") this.#state = "start";
  }

  /** The connection is something else from here on: what came of that. The reader is spent. */
  takeRest(): Buffer {
    this.#state = "spent";
    return this.#inbox.takeAll();
  }

  #next(): RequestEvent | undefined {
    switch (this.#state) {
      case "start":
        return this.#knownHead() ?? (this.#readLine() ? this.#readFields() : undefined);
      case "fields":
        return this.#readFields();
      case "no-body":
        this.#state = "done";
        return BODY_END;
      case "body": {
        const event = this.#body.next(this.#inbox);
        if (event?.type === "end") this.#state = "done";
        return event;
      }
      default:
        return undefined;
    }
  }

  /** The known head, if it comes again. */
  #knownHead(): RequestHead | undefined {
    const known = this.#known;
    if (known === undefined || !this.#inbox.skipHead(known.text)) return undefined;
    this.#blankLines = 0;
    this.#beginBody(known.head.framing);
    return known.head;
  }

  #readLine(): boolean {
    for (;;) {
      this.#inbox.record();
      const line = this.#inbox.line(this.#startLimit);
      if (line === undefined) return false;
      // Some clients send an empty line after a body (RFC 9112 §2.2). One.
      if (line !== "" || this.#blankLines > 0) {
        this.#blankLines = 0;
        this.#line = readRequestLine(line, this.#limits.maxTargetBytes);
        this.#fields = undefined;
        this.#state = "fields";
        return true;
      }
      this.#blankLines += 1;
    }
  }

  #readFields(): RequestHead | undefined {
    const line = this.#line;
    if (line === undefined) return undefined;
    const known = this.#knownFields(line);
    const fields = known ?? this.#newFields(line);
    if (fields === undefined) return undefined;
    const head = requestHead(line, fields);
    if (known === undefined) this.#remember(line, head);
    this.#line = undefined;
    this.#beginBody(head.framing);
    return head;
  }

  #beginBody(framing: Framing): void {
    if (framing.kind === "none") this.#state = "no-body";
    else {
      this.#body.begin(framing);
      this.#state = "body";
    }
  }

  /** The known fields, if they come again. */
  #knownFields(line: RequestLine): Fields | undefined {
    const known = this.#known;
    if (known === undefined || this.#fields !== undefined) return undefined;
    if (lineBytes(line) + known.block.length > this.#limits.maxHeadBytes) return undefined;
    return this.#inbox.skip(known.block) ? known.head.fields : undefined;
  }

  #newFields(line: RequestLine): Fields | undefined {
    this.#fields ??= new FieldReader(this.#fieldLimits, lineBytes(line));
    const list = this.#fields.read(this.#inbox);
    if (list === undefined) return undefined;
    return interpret(list);
  }

  #remember(line: RequestLine, head: RequestHead): void {
    const text = this.#inbox.recorded();
    if (text === undefined) return;
    this.#known = { text, block: text.slice(lineBytes(line)), head };
  }
}

function lineBytes({ method, target }: RequestLine): number {
  return method.length + target.length + " HTTP/1.1 \r\n".length;
}

function readRequestLine(line: string, maxTargetBytes: number): RequestLine {
  const first = line.indexOf(" ");
  const isUsual = line.endsWith(USUAL_END);
  // lastIndexOf() takes as long as all the rest here (Node 20).
  const last = isUsual ? line.length - USUAL_END.length : line.lastIndexOf(" ");
  if (first === last || first < 1) {
    throw new HTTPMessageError(
      "request-line",
      `Cannot read a request: expected "METHOD target HTTP/1.1", got ${quote(line)}`,
    );
  }
  const method = readMethod(line.slice(0, first));
  const target = line.slice(first + 1, last);
  if (target.length > maxTargetBytes) {
    const most = String(maxTargetBytes);
    throw new HTTPMessageError(
      "target-too-long",
      `Cannot read a request: expected a target of at most ${most} bytes`,
    );
  }
  return { method, target, version: isUsual ? "1.1" : readVersion(line.slice(last + 1)) };
}

function readMethod(method: string): string {
  if (METHODS.has(method)) return method;
  if (!isToken(method)) {
    throw new HTTPMessageError(
      "method",
      `Cannot read a request: expected a method, got ${quote(method)}`,
    );
  }
  if (method.length <= METHOD_MAX) return method;
  throw new HTTPMessageError("method-too-long", `Cannot read a request: got ${quote(method)}`);
}

/** @throws {HTTPMessageError} Not HTTP, or not a version whose messages look like these. */
export function readVersion(text: string): HTTPVersion {
  if (text === "HTTP/1.1") return "1.1";
  const [, major, minor] = VERSION.exec(text) ?? [];
  if (major === "1") return minor === "0" ? "1.0" : "1.1";
  const fault = major === undefined ? "version" : "version-unsupported";
  throw new HTTPMessageError(
    fault,
    `Cannot read a message: expected HTTP/1.1 or HTTP/1.0, got ${quote(text)}`,
  );
}

function requestHead(line: RequestLine, fields: Fields): RequestHead {
  const { method, target, version } = line;
  const form = readTarget(method, target);
  if (form === undefined) {
    throw new HTTPMessageError(
      "target",
      `Cannot read a request: expected a target for ${method}, got ${quote(target)}`,
    );
  }
  checkHost(version, fields);
  checkExpectation(version, fields);
  return {
    type: "request",
    method,
    target,
    path: form.path,
    authority: form.authority ?? fields.host ?? "",
    version,
    fields,
    framing: requestFraming(line, fields),
    keepAlive: isKeptAlive(version, fields),
    expectsContinue: version === "1.1" && fields.expect !== undefined,
    upgrade: askedUpgrade(form, version, fields),
  };
}

/** RFC 9112 §3.2. */
function checkHost(version: HTTPVersion, { host, hosts, isHostValid }: Fields): void {
  if (hosts > 1) throw new HTTPMessageError("host-repeated", "Cannot read a request: two Hosts");
  if (host === undefined) {
    if (version === "1.0") return;
    throw new HTTPMessageError("host-missing", "Cannot read a request: expected a Host");
  }
  if (isHostValid) return;
  throw new HTTPMessageError(
    "host-invalid",
    `Cannot read a request: expected a host and port in Host, got ${quote(host)}`,
  );
}

/** RFC 9110 §10.1.1; from an HTTP/1.0 client it means nothing. */
function checkExpectation(version: HTTPVersion, { expect }: Fields): void {
  if (expect === undefined || expect === "100-continue" || version === "1.0") return;
  throw new HTTPMessageError(
    "expectation-unknown",
    `Cannot meet an expectation: expected 100-continue, got ${quote(expect)}`,
  );
}

function requestFraming({ method, version }: RequestLine, fields: Fields): Framing {
  const { transferEncoding, contentLength } = fields;
  if (method === "CONNECT" && (transferEncoding !== undefined || (contentLength ?? 0) > 0)) {
    throw new HTTPMessageError("body-not-allowed", "Cannot read a request: CONNECT with a body");
  }
  if (transferEncoding !== undefined) {
    checkCoding(transferEncoding, version);
    return CHUNKED;
  }
  if (contentLength === undefined) return NO_BODY;
  return contentLength === 0 ? NO_BODY : { kind: "length", length: contentLength };
}

/** RFC 9112 §6.1, §6.3. */
export function checkCoding(coding: string, version: HTTPVersion): void {
  if (version === "1.0") {
    throw new HTTPMessageError(
      "coding-in-http-1.0",
      "Cannot frame a body: expected no Transfer-Encoding in HTTP/1.0",
    );
  }
  if (coding === "chunked") return;
  const isLast = /[\t ,]chunked$/u.test(coding) && coding.indexOf("chunked") > coding.length - 8;
  throw new HTTPMessageError(
    isLast ? "coding-unknown" : "coding-not-chunked",
    `Cannot frame a body: expected Transfer-Encoding: chunked, got ${quote(coding)}`,
  );
}

/** RFC 9112 §9.3, and §C.2.2 for what HTTP/1.0 clients ask. */
export function isKeptAlive(version: HTTPVersion, { connection }: Fields): boolean {
  if (connection.includes("close")) return false;
  return version === "1.1" || connection.includes("keep-alive");
}

/** RFC 9110 §7.8. */
function askedUpgrade(form: Target, version: HTTPVersion, fields: Fields): string | undefined {
  if (version === "1.0" || form.path === "" || !fields.connection.includes("upgrade")) {
    return undefined;
  }
  return fields.upgrade;
}
