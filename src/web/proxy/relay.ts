/**
 * One request, passed on to another server, and its answer, passed back.
 *
 *     client ─▶ Request ─ body ─▶ UpstreamPool ─▶ server
 *            ◀─ Request ◀─ Relay ◀─
 *
 * Each direction goes at the pace of whoever is slower. Who goes away takes the other one along: an
 * answer that is cut off is cut off for the client too, and never looks whole.
 *
 * Spec: RFC 9110 §7.6, §7.8, §15.2 (interim answers are passed on).
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import type { Failure } from "../../defer/failure.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IConsumer } from "../../internet/interfaces-transport.ts";
import { Logger } from "../../logger/logger.ts";
import { Headers } from "../http/headers.ts";
import { removeHopByHop } from "../http/hop-by-hop.ts";
import type { ResponseHead } from "../http/wire/events.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { copyFields } from "../server/copy-fields.ts";
import { textOfBytes } from "../http/field-text.ts";
import type { TakenOver } from "../server/channel.ts";
import type { Request } from "../server/request.ts";
import { sendAnswer } from "../server/send-answer.ts";
import type {
  AnswerReceiver,
  IExchange,
  OutgoingBody,
  OutgoingRequest,
} from "../upstream/exchange.ts";
import { gatewayFault } from "./gateway-fault.ts";
import { passedFields } from "./passed-fields.ts";
import { Tunnel } from "./tunnel.ts";

const log = new Logger({ namespace: "sennit.web.proxy" });

/** What a relay needs beside the request. */
export interface RelayOptions {
  readonly reactor: IReactorTime;
  /** Seconds without a byte on a connection that was upgraded. */
  readonly tunnelTimeout: number;
  /** Where it goes, for the log. */
  readonly destination: string;
  /** The last word about the fields of an answer: they are changed in place. */
  readonly rewrite?: ((headers: Headers) => void) | undefined;
}

/** Where requests go: a pool. */
export interface RelayTarget {
  request(request: OutgoingRequest, receiver: AnswerReceiver): IExchange;
}

/** See the top of this file. */
export class Relay implements AnswerReceiver {
  readonly #request: Request;
  readonly #options: RelayOptions;
  #exchange: IExchange | undefined;

  constructor(request: Request, options: RelayOptions) {
    this.#request = request;
    this.#options = options;
  }

  /** Pass it on. @param outgoing The request, but for its body. */
  begin(target: RelayTarget, outgoing: Omit<OutgoingRequest, "body" | "expectsContinue">): void {
    const { content } = this.#request;
    const body = content.length === 0 ? undefined : bodyOf(this.#request);
    const expects = this.#request.getHeader("expect")?.toLowerCase() === "100-continue";
    const expectsContinue = expects && this.#request.clientproto !== "HTTP/1.0";
    const exchange = target.request({ ...outgoing, body, expectsContinue }, this);
    this.#exchange = exchange;
    void this.#request.notifyFinish().addErrback(() => exchange.cancel());
  }

  // -- The answer: see AnswerReceiver

  interimReceived({ status, fields }: ResponseHead): void {
    // 100 is the answer to us: that the body comes is what the client hears of it.
    if (status !== 100) this.#request.interim(status, Headers.of(passedFields(fields.list)));
  }

  headReceived(head: ResponseHead): void {
    const request = this.#request;
    this.#setHead(head);
    const producer = {
      pauseProducing: () => this.#exchange?.pause(),
      resumeProducing: () => this.#exchange?.resume(),
      stopProducing: () => {}, // The request tells that it is lost.
    };
    request.registerProducer(producer, true);
    // It may be long until the body comes. Without one, the end is the next that comes.
    if (head.framing.kind !== "none") request.write("");
  }

  #setHead({ status, phrase, fields }: ResponseHead): void {
    const request = this.#request;
    request.setResponseCode(status, textOfBytes(phrase));
    copyFields(request, removeHopByHop(fields.list));
    this.#options.rewrite?.(request.responseHeaders);
  }

  dataReceived(data: Buffer): void {
    this.#request.write(data);
  }

  answerEnded(trailers: FieldList): void {
    const request = this.#request;
    request.unregisterProducer();
    if (trailers.length === 0) request.finish();
    else request.finish(Headers.of(passedFields(trailers)));
  }

  answerFailed(reason: Failure): void {
    const request = this.#request;
    if (request.disconnected) return;
    log.warn("{asked}: {destination} failed: {why}", {
      asked: request.toString(),
      destination: this.#options.destination,
      why: reason.getErrorMessage(),
    });
    if (request.startedWriting) request.loseConnection();
    else void sendAnswer(request, gatewayFault(reason.value));
  }

  switched({ status, fields }: ResponseHead, taken: TakenOver): void {
    const request = this.#request;
    const { reactor, tunnelTimeout } = this.#options;
    const tunnel = new Tunnel(reactor, tunnelTimeout);
    const { upgrade = "" } = fields;
    copyFields(request, removeHopByHop(fields.list));
    request.responseHeaders.set("upgrade", upgrade);
    taken.start(tunnel.server);
    if (!request.upgrade(tunnel.client, status)) tunnel.abort();
  }
}

function bodyOf({ content }: Request): OutgoingBody {
  return {
    length: content.length,
    pipeTo: (consumer: IConsumer): Deferred<FieldList> =>
      content.pipeTo(consumer).addCallback(() => passedFields(content.trailers.list)),
  };
}
