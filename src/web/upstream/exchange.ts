/**
 * A request to be sent, and who is told of its answer.
 *
 *     interimReceived … ─▶ headReceived ─▶ dataReceived … ─▶ answerEnded
 *                     └──▶ switched          └─▶ answerFailed, at any point
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import type { Failure } from "../../defer/failure.ts";
import type { IConsumer } from "../../internet/interfaces-transport.ts";
import type { ResponseHead } from "../http/wire/events.ts";
import type { FieldList } from "../http/wire/fields.ts";
import type { TakenOver } from "../server/channel.ts";

/** A body to be sent. */
export interface OutgoingBody {
  /** In bytes; `undefined`: not known beforehand, and sent in chunks. */
  readonly length: number | undefined;
  /**
   * Write it to `consumer`, at its pace: register a producer there, unless it is short. Called once
   * at most. A producer that is stopped has nobody any more who wants the rest.
   *
   * @returns Fires when all is written, with the trailers, of which a body of known length has
   * none; fails when the rest will not come, and the request fails with that.
   */
  pipeTo(consumer: IConsumer): Deferred<FieldList>;
}

/** A request. Its fields are sent as they are: they must have been checked. */
export interface OutgoingRequest {
  readonly method: string;
  /** `/path?query`; or what else the method takes. */
  readonly target: string;
  /** With Host; without what frames the body, `Expect` and `Upgrade`, which are added. */
  readonly fields: FieldList;
  /** Default: none. */
  readonly body?: OutgoingBody | undefined;
  /** Send the body only when the server asks for it, or says nothing for a while. */
  readonly expectsContinue?: boolean;
  /** Ask to speak this on the connection: the value of `Upgrade`. */
  readonly upgrade?: string | undefined;
}

/** Told of an answer. What its methods throw is logged, and ends the connection. */
export interface AnswerReceiver {
  /** An answer before the answer: 100, 102, 103. */
  interimReceived(head: ResponseHead): void;
  /** The answer begins. */
  headReceived(head: ResponseHead): void;
  /** Some of its body; yours. */
  dataReceived(data: Buffer): void;
  /** It is whole. The last call. */
  answerEnded(trailers: FieldList): void;
  /** There is none, or its rest will not come. The last call. */
  answerFailed(reason: Failure): void;
  /** The connection is no HTTP any more, and the receiver's: start a protocol. The last call. */
  switched(head: ResponseHead, taken: TakenOver): void;
}

/** A request under way. */
export interface IExchange {
  /** Let no more of the answer's body come for now: the server waits. */
  pause(): void;
  /** Let it come again; nothing is delivered before this returns. */
  resume(): void;
  /** Give it up: its receiver is told nothing more. Nothing happens if it is over. */
  cancel(): void;
}
