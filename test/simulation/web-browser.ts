/**
 * A client of a simulated web server: it asks for one thing after the other, or for several at
 * once, fast or slowly, and believes nothing that it is told.
 *
 * @module
 */
import type { Failure } from "../../src/defer/failure.ts";
import { ClientFactory } from "../../src/internet/factory.ts";
import { ConnectionDone } from "../../src/internet/errors.ts";
import type { IDelayedCall } from "../../src/internet/interfaces-reactor.ts";
import { Protocol } from "../../src/internet/protocol.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import type { ResponseHead } from "../../src/web/http/wire/events.ts";
import type { FieldList } from "../../src/web/http/wire/fields.ts";
import {
  formatChunkSize,
  formatLastChunk,
  formatRequestHead,
} from "../../src/web/http/wire/head-writer.ts";
import { HTTPMessageError } from "../../src/web/http/wire/message-error.ts";
import { type ResponseEvent, ResponseReader } from "../../src/web/http/wire/response-reader.ts";
import { CLIENT_OPTIONS } from "./upgrade-certificate.ts";
import { bytesOf, type Errand, type Sent, type Upload, type WebLedger } from "./web-ledger.ts";

/** Where the server listens. */
export const WEB_PORT = 80;
/** Seconds without a byte after which a client hangs up. */
const PATIENCE = 20;
/** The same, with a proxy in between: longer than its own deadlines are together. */
const PATIENCE_WITH_PROXY = 75;
/** How often a client asks for what it may never get whole. */
const TRIES_MAX = 4;
/** Seconds for which `100 Continue` is waited for. */
const CONTINUE_WAIT = 1;

/** What a client has to do, over all its connections. */
export interface Visit {
  readonly ledger: WebLedger;
  readonly reactor: SimulatedReactor;
  /** What is left to do. */
  readonly left: Errand[];
  /** Requests that may be under way at a time. */
  readonly depth: number;
  /** The connection before failed: RFC 9112 §9.3.2 has it ask for one thing alone at first. */
  isCareful: boolean;
  /** Seconds between two looks at what has come; 0: it looks at once. */
  readonly readPause: number;
}

/** Ask for what is left, on one connection after the other. */
export function visit(parts: Visit): void {
  const { left, reactor, ledger } = parts;
  const factory = ClientFactory.building(() => new Browser(parts));
  const again = (connector: { connect(): void }): void => {
    if (left.length === 0) return;
    reactor.callLater(0.05 + reactor.random(), () => connector.connect());
  };
  factory.clientConnectionLost = again;
  factory.clientConnectionFailed = again;
  const [options] = CLIENT_OPTIONS;
  if (ledger.isSecure && options !== undefined) {
    reactor.connectSSL("server", WEB_PORT, factory, options, { timeout: 5 });
  } else reactor.connectTCP("server", WEB_PORT, factory, { timeout: 5 });
}

/** See the top of this file. One connection. */
class Browser extends Protocol {
  readonly #visit: Visit;
  readonly #reader = new ResponseReader();
  /** Sent and not answered, in order. */
  readonly #asked: Sent[] = [];
  /** How many of the errands that are left are among them. */
  #next = 0;
  #isSending = false;
  #isUsed = false;
  #head: ResponseHead | undefined;
  #received = 0;
  /** Nothing more may be sent on it. */
  #isOver = false;
  /** Nothing may be asked behind what was asked last. */
  #isLastAsked = false;
  /** It has heard enough. */
  #isDeaf = false;
  /** It has closed it itself. */
  #hasLeft = false;
  #patience: IDelayedCall | undefined;
  readonly #calls = new Set<IDelayedCall>();
  /** What has come of interim answers to the first that was asked. */
  #isHinted = false;
  #isContinued = false;
  /** Who waits to be told to go on, and how. */
  #waiting: { readonly sent: Sent; proceed(): void } | undefined;

  constructor(visit: Visit) {
    super();
    this.#visit = visit;
  }

  override connectionMade(): void {
    const { reactor } = this.#visit;
    this.#patience = reactor.callLater(this.#patienceSeconds, () => this.#giveUp());
    void this.#ask();
  }

  get #patienceSeconds(): number {
    return this.#visit.ledger.isProxied ? PATIENCE_WITH_PROXY : PATIENCE;
  }

  #giveUp(): void {
    this.#visit.ledger.sim.reached("a client has lost its patience");
    this.#visit.ledger.impatient += 1;
    this.transport.abortConnection();
  }

  // -- Asking

  async #ask(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    const { left, depth, ledger } = this.#visit;
    for (;;) {
      const errand = left[this.#next];
      const most = this.#visit.isCareful ? 1 : depth;
      if (errand === undefined || this.#isFull || this.#asked.length >= most) break;
      if (this.#asked.length > 0) ledger.sim.reached("requests are pipelined");
      this.#next += 1;
      await this.#send(ledger.send(errand));
    }
    this.#isSending = false;
    if (left.length === 0) this.#leave();
  }

  /** Can nothing more be asked on it? */
  get #isFull(): boolean {
    return this.#isOver || this.#isLastAsked;
  }

  async #send(sent: Sent): Promise<void> {
    const { errand, id } = sent;
    // Who has just connected knows what it wants.
    const think = this.#isUsed ? errand.think : 0;
    this.#isUsed = true;
    this.#patience?.reset(this.#patienceSeconds + think);
    await this.#pause(think);
    if (this.#isOver) return;
    this.#reader.expect(errand.method);
    this.#asked.push(sent);
    if (errand.isGarbage) {
      this.#isOver = true;
      this.transport.write("GET / HTTP/1.1\r\nHost : nowhere\r\n\r\n");
      return;
    }
    // It is closed after the answer.
    const { version, isLast, isHalfClosed } = errand;
    if (version === "1.0" || isLast || isHalfClosed) this.#isLastAsked = true;
    await this.#sendHead(sent);
    // Who has asked for more would lose that as well.
    if (errand.isHalfClosed && this.#asked.length === 1) this.transport.loseWriteConnection();
    if (errand.upload?.expects === true) await this.#goAhead(sent);
    if (errand.upload !== undefined) await this.#sendBody(id, errand.upload);
  }

  async #sendHead(sent: Sent): Promise<void> {
    const { drip } = sent.errand;
    const head = requestHead(sent);
    const half = drip === 0 ? head.length : head.length >> 1;
    this.transport.write(head.slice(0, half));
    if (drip === 0) return;
    // What is behind another may be left without an answer.
    if (this.#asked.length === 1) sent.dripsSince = this.#visit.ledger.sim.now;
    await this.#pause(drip);
    sent.dripsSince = undefined;
    this.transport.write(head.slice(half));
  }

  async #sendBody(id: number, upload: Upload): Promise<void> {
    const { chunk, bytes, pause } = upload;
    const body = bytesOf(id, bytes);
    const piece = chunk === 0 ? Math.max(1, bytes >> 1) : chunk;
    for (let at = 0; at < bytes && !this.#isOver; at += piece) {
      const data = body.subarray(at, at + piece);
      if (chunk === 0) this.transport.write(data);
      else this.transport.writeSequence([formatChunkSize(data.length), data, "\r\n"]);
      this.#patience?.reset(this.#patienceSeconds);
      await this.#pause(pause);
    }
    if (chunk > 0 && !this.#isOver) this.transport.write(formatLastChunk(["x-sum", String(id)]));
  }

  /** The server says so, or nothing for a while, or has answered. */
  #goAhead(sent: Sent): Promise<void> {
    return new Promise((resolve) => {
      const late = this.#later(CONTINUE_WAIT, () => this.#waiting?.proceed());
      const proceed = (): void => {
        this.#waiting = undefined;
        if (late.active) late.cancel();
        resolve();
      };
      this.#waiting = { sent, proceed };
    });
  }

  #pause(seconds: number): Promise<void> | undefined {
    if (seconds === 0) return undefined;
    return new Promise((resolve) => {
      this.#later(seconds, resolve);
    });
  }

  /** Unless the connection ends first. */
  #later(seconds: number, f: () => void): IDelayedCall {
    const call = this.#visit.reactor.callLater(seconds, () => {
      this.#calls.delete(call);
      f();
    });
    this.#calls.add(call);
    return call;
  }

  #leave(): void {
    this.#isOver = true;
    this.#hasLeft = true;
    this.transport.loseConnection();
  }

  // -- Answers

  override dataReceived(data: Buffer): void {
    this.#patience?.reset(this.#patienceSeconds);
    this.#reader.receive(data);
    this.#read();
    const { readPause } = this.#visit;
    if (readPause === 0) return;
    this.transport.pauseProducing();
    this.#later(readPause, () => this.transport.resumeProducing());
  }

  #read(): void {
    try {
      while (!this.#isDeaf) {
        const event = this.#reader.next();
        if (event === undefined) return;
        this.#take(event);
      }
    } catch (error) {
      if (!(error instanceof HTTPMessageError)) throw error;
      this.#wrong(`an answer cannot be read: ${error.message}`);
    }
  }

  #wrong(what: string): void {
    this.#visit.ledger.sim.unreachable(what);
  }

  #take(event: ResponseEvent): void {
    const [sent] = this.#asked;
    if (sent === undefined) this.#wrong("an answer to nothing");
    else if (event.type === "data") this.#takeData(sent, event.data);
    else if (event.type === "end") this.#answered(sent, event.trailers);
    else if (event.status === 100) this.#continued(sent.errand);
    else if (event.status === 103) this.#hinted(sent.errand);
    else this.#begun(sent, event);
  }

  #continued({ upload }: Errand): void {
    if (upload?.expects !== true) this.#wrong("100 Continue without being asked");
    if (this.#isContinued) this.#wrong("100 Continue comes twice");
    this.#isContinued = true;
    this.#visit.ledger.sim.reached("the server said: continue");
    this.#waiting?.proceed();
  }

  #hinted({ path }: Errand): void {
    if (path !== "/early") this.#wrong("a hint that nobody has given");
    this.#isHinted = true;
    this.#visit.ledger.sim.reached("a hint comes before its answer");
  }

  #begun(sent: Sent, head: ResponseHead): void {
    const { id, errand, isFinal } = sent;
    const { ledger } = this.#visit;
    this.#head = head;
    this.#received = 0;
    if (ledger.isRefusal(head.status)) sent.refusal = head.status;
    else if (head.status !== errand.status) {
      this.#wrong(`${errand.path} was answered with another status: ${String(head.status)}`);
    }
    const mark = head.fields.list[head.fields.list.indexOf("x-id") + 1];
    const isMarked = head.fields.list.includes("x-id");
    if (isMarked && mark !== String(id)) this.#wrong("an answer belongs to another request");
    if (!isMarked && head.status === 200) this.#wrong("an answer belongs to nobody");
    if (isFinal && head.keepAlive) this.#wrong("a server that stops keeps a connection");
    if (errand.isLast && head.keepAlive) this.#wrong("a connection is kept that is not wanted");
    // Who was not told to go on does not, after that.
    const isWaiting = this.#waiting?.sent === sent;
    if (!head.keepAlive) this.#isLastAsked = true;
    // Nor does who is refused (RFC 9112 §9.5).
    if (isWaiting || (!head.keepAlive && head.status >= 400)) this.#isOver = true;
    if (isWaiting) this.#waiting?.proceed();
  }

  #takeData({ id, errand, refusal }: Sent, data: Buffer): void {
    const at = this.#received;
    this.#received += data.length;
    if (errand.bytes === undefined || refusal !== undefined) return;
    const expected = bytesOf(id, errand.bytes).subarray(at, this.#received);
    if (!data.equals(expected)) this.#wrong(`${errand.path} was answered with other bytes`);
  }

  #answered(sent: Sent, trailers: FieldList = []): void {
    const { errand } = sent;
    if (sent.refusal !== undefined) {
      this.#refused(sent);
      return;
    }
    if (errand.isCut) this.#wrong("an answer that was broken off is taken for whole");
    if (errand.path === "/early" && !this.#isHinted) this.#wrong("a hint has got lost");
    const bytes = errand.method === "HEAD" ? 0 : errand.bytes;
    // The kernel says goodbye for a program that was killed: here that looks like the end.
    if (errand.path === "/old" && this.#received !== bytes && sent.program?.alive === false) {
      this.#askAgain();
      return;
    }
    if (bytes !== undefined && this.#received !== bytes) {
      this.#wrong(`${errand.path} was answered in part, and it looks whole`);
    }
    if (this.#head?.framing.kind === "chunked" && errand.path === "/trailed") {
      if (trailers[trailers.indexOf("x-sum") + 1] !== String(sent.id)) this.#wrong("no trailer");
    } else if (trailers.length > 0) this.#wrong("a trailer belongs to another answer");
    sent.answered = !errand.isGarbage && (errand.status < 400 || errand.path === "/missing");
    this.#visit.isCareful = false;
    const isLast = this.#head?.keepAlive === false;
    this.#done();
    if (isLast || (this.#isFull && this.#asked.length === 0)) this.#leave();
    else void this.#ask();
  }

  /** Nobody knows what was done: ask again, from a new connection. */
  #refused({ refusal, errand, begun }: Sent): void {
    this.#visit.ledger.sim.reached(`refused with ${String(refusal)}`);
    if (errand.isCut && begun > 0) this.#done();
    this.#askAgain();
  }

  /** On a new connection. */
  #askAgain(): void {
    this.#visit.isCareful = true;
    this.#isDeaf = true;
    this.#leave();
  }

  /** The first of what was asked. */
  #done(): void {
    this.#asked.shift();
    this.#visit.left.shift();
    this.#next -= 1;
    this.#head = undefined;
    this.#isHinted = false;
    this.#isContinued = false;
  }

  // -- The end

  override connectionLost(reason: Failure): void {
    this.#isOver = true;
    if (this.#patience?.active === true) this.#patience.cancel();
    for (const call of this.#calls) if (call.active) call.cancel();
    const [sent] = this.#asked;
    if (sent !== undefined) sent.dripsSince = undefined;
    if (sent === undefined || this.#hasLeft) return;
    this.#visit.isCareful = true;
    this.#checkTold(sent);
    if (reason.is(ConnectionDone)) this.#endedInOrder(sent);
    else this.#endedEarly(sent);
  }

  /**
   * A proxy says what is wrong, if no server has begun to answer: but not to who says no more, or
   * has waited for as long as it waits itself.
   */
  #checkTold({ errand, begun }: Sent): void {
    const isTold = begun > 0 || errand.isHalfClosed || errand.think >= 60;
    if (this.#visit.ledger.isSound && !isTold) this.#wrong("a request is dropped without a word");
  }

  /** For some that is what they can hope for. */
  #endedEarly({ errand, begun }: Sent): void {
    const { isProxied, isCalm } = this.#visit.ledger;
    const isKnown = begun > 0 || isProxied;
    const isAnswered = errand.isHalfClosed && errand.path === "/whole" && errand.drip === 0;
    if (isCalm && isAnswered && begun > 0) this.#wrong("what was written at once is lost");
    const isTried = this.#visit.ledger.timesOf(errand) >= TRIES_MAX;
    const isHopeless = errand.isCut || (isAnsweredEarly(errand) && isTried);
    if ((isHopeless && begun > 0) || (errand.isHalfClosed && isKnown)) this.#done();
  }

  /** It may be the end of the answer; of one that does not say how long it is. */
  #endedInOrder(sent: Sent): void {
    const { errand } = sent;
    if (this.#head?.framing.kind !== "until-close") {
      this.#endedEarly(sent);
      return;
    }
    // The kernel of a program that was killed says goodbye in its name; but not that of TLS.
    const { isProxied, isSecure } = this.#visit.ledger;
    const isDead = !isProxied && !isSecure && sent.program?.alive === false;
    if (isDead && (sent.over === 0 || this.#received < (errand.bytes ?? 0))) return;
    this.#reader.receiveEnd();
    this.#answered(sent);
  }
}

/**
 * Is it answered before it has come? Such a server closes the connection, and does not wait for
 * ever until a slow client has read the answer (RFC 9112 §9.6).
 */
function isAnsweredEarly({ path, upload }: Errand): boolean {
  return (path === "/ignored" || path === "/hasty") && upload !== undefined;
}

function requestHead({ id, errand }: Sent): string {
  const { method, place, path, bytes = 0, piece, pause, upload, version, isLast } = errand;
  // Heads of which only the first line is another are read by another way than others.
  const mark = id % 2 === 0 ? ["x-id", String(id)] : [];
  const number = id % 2 === 0 ? "" : `&id=${String(id)}`;
  const query = `bytes=${String(bytes)}&piece=${String(piece)}&pause=${String(pause)}${number}`;
  const close = isLast ? ["connection", "close"] : [];
  const fields = [...mark, "host", "server", ...close, ...uploadFields(upload)];
  const head = formatRequestHead(method, `${place}${path}?${query}`, fields);
  return version === "1.1" ? head : head.replace("HTTP/1.1", "HTTP/1.0");
}

function uploadFields(upload: Upload | undefined): FieldList {
  if (upload === undefined) return [];
  const { bytes, chunk, expects } = upload;
  const framing =
    chunk === 0 ? ["content-length", String(bytes)] : ["transfer-encoding", "chunked"];
  return expects ? [...framing, "expect", "100-continue"] : framing;
}
