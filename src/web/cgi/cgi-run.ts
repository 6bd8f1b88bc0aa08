/**
 * One run of a script: a request on its standard input, the answer on its standard output.
 *
 *     request's body ─▶ stdin    script    stdout ─▶ CGIHeadReader ─▶ answer
 *                                          stderr ─▶ the log, cut
 *
 * Both directions stream, at the pace of whoever is slower. A script that is not wanted any more,
 * or too slow, is ended: TERM, and KILL if that does not help; with all that it has started.
 *
 * Spec: RFC 3875 §6. After: twisted.web.twcgi.CGIProcessProtocol. Differs: the input streams; a
 * script has deadlines; a local redirect (§6.2.2) is sent to the client; the answer of one that a
 * signal ends is cut off.
 *
 * @module
 */
import { ConnectionTimedOut } from "../../internet/errors.ts";
import type { Failure } from "../../defer/failure.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import { ProcessDone, ProcessTerminated, SpawnError } from "../../internet/process-errors.ts";
import { ProcessProtocol } from "../../internet/process-protocol.ts";
import { Logger } from "../../logger/logger.ts";
import { removeHopByHop } from "../http/hop-by-hop.ts";
import { copyFields } from "../server/copy-fields.ts";
import { textOfBytes } from "../http/field-text.ts";
import { DeadlineWatch } from "../server/deadline-watch.ts";
import { errorPage } from "../server/error-page.ts";
import type { Request } from "../server/request.ts";
import { sendAnswer } from "../server/send-answer.ts";
import { WatchedConsumer } from "./watched-consumer.ts";
import { type CGIHead, CGIHeadReader } from "./wire/cgi-head-reader.ts";
import { CGIOutputError } from "./wire/cgi-output-error.ts";

const log = new Logger({ namespace: "sennit.web.cgi" });

/** What of a script's standard error is logged, in bytes. */
const STDERR_MAX = 8192;
/** Seconds that a script may live on when its answer is whole. */
const EXIT_TIMEOUT = 5;

/** Seconds; 0 is none. */
export interface CGIDeadlines {
  /** From the start, or the last of the request's body, to the end of the answer's head. */
  readonly answerTimeout: number;
  /** Without a byte of the answer's body that is wanted. */
  readonly bodyTimeout: number;
}

/** See the top of this file. */
export class CGIRun extends ProcessProtocol {
  readonly #request: Request;
  readonly #script: string;
  readonly #deadlines: CGIDeadlines;
  readonly #watch: DeadlineWatch<"answer" | "body" | "exit">;
  readonly #ended: () => void;
  readonly #reader = new CGIHeadReader();
  #state: "head" | "body" | "over" = "head";
  #isOutputWhole = false;
  #exit: Failure | undefined;
  readonly #stderr: Buffer[] = [];
  #stderrBytes = 0;

  /** @param ended Called once, when the process and its pipes are gone. */
  constructor(
    reactor: IReactorTime,
    request: Request,
    script: string,
    deadlines: CGIDeadlines,
    ended: () => void,
  ) {
    super();
    this.#request = request;
    this.#script = script;
    this.#deadlines = deadlines;
    this.#ended = ended;
    this.#watch = new DeadlineWatch(reactor, (phase) => this.#expired(phase));
    this.#watch.set("answer", deadlines.answerTimeout);
    void request.notifyFinish().addErrback(() => this.#giveUp());
  }

  // -- Its input

  override connectionMade(): void {
    const { content } = this.#request;
    if (this.#state === "over") this.#kill();
    else if (content.length === 0) this.transport.closeStdin();
    else {
      const stdin = new WatchedConsumer(this.transport, () => this.#inputMoves());
      // A failure is the client's end, of which the request tells.
      const close = (): void => this.transport.closeStdin();
      void content.pipeTo(stdin).addBoth(close);
    }
  }

  #inputMoves(): void {
    if (this.#watch.phase === "answer") this.#watch.set("answer", this.#deadlines.answerTimeout);
  }

  // -- Its output

  override outReceived(data: Buffer): void {
    if (this.#state === "body") this.#pass(data);
    else if (this.#state === "head") this.#readHead(data);
  }

  #readHead(data: Buffer): void {
    try {
      const beginning = this.#reader.receive(data);
      if (beginning === undefined) return;
      this.#begin(beginning.head);
      this.#pass(beginning.rest);
    } catch (error) {
      if (!(error instanceof CGIOutputError)) throw error;
      this.#fail(502, error.message);
    }
  }

  #begin({ status, phrase, fields }: CGIHead): void {
    const request = this.#request;
    this.#state = "body";
    if (phrase === "") request.setResponseCode(status);
    else request.setResponseCode(status, textOfBytes(phrase));
    copyFields(request, removeHopByHop(fields));
    const producer = {
      pauseProducing: () => this.#pause(),
      resumeProducing: () => this.#resume(),
      stopProducing: () => {}, // The request tells that it is lost.
    };
    request.registerProducer(producer, true);
  }

  #pass(data: Buffer): void {
    this.#watch.set("body", this.#deadlines.bodyTimeout);
    this.#request.write(data);
  }

  #pause(): void {
    if (this.#watch.phase === "body") this.#watch.clear();
    this.transport.pauseChildFD(1);
  }

  #resume(): void {
    if (!this.#isOutputWhole) this.#watch.set("body", this.#deadlines.bodyTimeout);
    this.transport.resumeChildFD(1);
  }

  override outConnectionLost(): void {
    this.#isOutputWhole = true;
    if (this.#state === "over") return;
    this.#watch.set("exit", EXIT_TIMEOUT);
    if (this.#state === "head") this.#fail(502, "its output is no answer");
    else this.#finishIfOver();
  }

  // -- What it complains of

  override errReceived(data: Buffer): void {
    const kept = data.subarray(0, STDERR_MAX - this.#stderrBytes);
    this.#stderrBytes += kept.length;
    if (kept.length > 0) this.#stderr.push(kept);
  }

  #logComplaints(): void {
    const text = Buffer.concat(this.#stderr).toString().trimEnd();
    if (text !== "") log.warn("{script} complains: {text}", { script: this.#script, text });
  }

  // -- Its end

  override processExited(reason: Failure): void {
    this.#exit = reason;
    if (reason.is(SpawnError)) this.#fail(502, reason.getErrorMessage());
    else this.#finishIfOver();
  }

  override processEnded(): void {
    this.#watch.stop();
    this.#logComplaints();
    this.#ended();
  }

  #finishIfOver(): void {
    const exit = this.#exit;
    if (this.#state === "over" || !this.#isOutputWhole || exit === undefined) return;
    if (!exit.is(ProcessDone)) this.#warn(exit.getErrorMessage());
    const isCut = exit.is(ProcessTerminated) && exit.value.signal !== undefined;
    if (isCut) this.#fail(502, "a signal has ended it");
    else this.#finish();
  }

  #finish(): void {
    this.#over();
    this.#request.unregisterProducer();
    this.#request.finish();
    // Something that it has started may still hold its standard error.
    this.#watch.set("exit", EXIT_TIMEOUT);
  }

  #expired(phase: "answer" | "body" | "exit"): void {
    if (phase === "exit") this.#endLate();
    else {
      const seconds = this.#deadlines[`${phase}Timeout`];
      this.#fail(504, new ConnectionTimedOut(phase, seconds).message);
    }
  }

  /** Its answer is whole, and it is still there, or others hold its pipes. */
  #endLate(): void {
    if (this.#state === "over") this.transport.loseConnection();
    else {
      this.#warn("its answer is whole, and it does not exit");
      this.#finish();
      this.#kill();
    }
  }

  /** The answer is this status, or, if it has begun, is cut off. */
  #fail(code: 502 | 504, why: string): void {
    const request = this.#request;
    if (this.#state === "over") return;
    this.#over();
    this.#warn(why);
    this.#kill();
    if (request.startedWriting) request.loseConnection();
    else void sendAnswer(request, errorPage(code, "The program behind this address has failed."));
  }

  /** Nobody waits for it. */
  #giveUp(): void {
    if (this.#state === "over") return;
    this.#over();
    this.#kill();
  }

  #over(): void {
    this.#state = "over";
    this.#watch.clear();
  }

  #kill(): void {
    this.transport.loseConnection();
    const killing = this.transport.terminate();
    void killing.addErrback((failure) => {
      log.failure("{script} cannot be ended", failure, { script: this.#script });
    });
  }

  #warn(why: string): void {
    const asked = this.#request.toString();
    log.warn("{asked}: {script} failed: {why}", { asked, script: this.#script, why });
  }
}
