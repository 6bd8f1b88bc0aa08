/**
 * From what a handler returned to what is sent.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { Headers } from "../http/headers.ts";
import {
  Answer,
  type AnswerBody,
  type BodyStream,
  contentTypeOf,
  isPageStream,
  NOT_DONE_YET,
} from "./answer.ts";
import { checkPiece } from "./check-piece.ts";
import type { Request } from "./request.ts";
import { sendWebResponse, sendWebStream } from "./send-web-response.ts";
import { USUAL_HEADERS } from "./usual-heads.ts";

/** To begin an answer without a length that nobody knows. */
const NO_TRAILERS = new Headers();

/**
 * Send it. For a body in pieces the promise is kept when it is over; everything else is sent at
 * once, and gives `undefined`.
 *
 * @throws {TypeError} That is no answer.
 */
export function sendAnswer(request: Request, result: unknown): Promise<void> | undefined {
  if (typeof result === "string" || result instanceof Uint8Array) {
    setType(request, contentTypeOf(result));
    request.finishWith(result);
    return undefined;
  }
  if (result === NOT_DONE_YET) return undefined;
  if (result instanceof Answer) return sendWhole(request, result);
  if (result instanceof Response) return sendWebResponse(request, result);
  if (isStream(result)) {
    setType(request, contentTypeOf(result));
    return sendPieces(request, result);
  }
  throw new TypeError(
    `Cannot answer ${request.toString()}: expected text, bytes, pieces of them, an Answer, a ` +
      `Response or NOT_DONE_YET, got ${quote(result)}`,
  );
}

function setType(request: Request, type: string): void {
  const { responseHeaders } = request;
  const usual = responseHeaders.size === 0 ? USUAL_HEADERS.get(type) : undefined;
  if (usual !== undefined) responseHeaders.merge(usual);
  else if (!responseHeaders.hasHeader("content-type")) responseHeaders.set("content-type", type);
}

function sendWhole(request: Request, answer: Answer): Promise<void> | undefined {
  request.setResponseCode(answer.code);
  // They take the place of those that were set before, but for those that add up.
  request.responseHeaders.merge(answer.headers);
  return sendBody(request, answer.body);
}

function sendBody(request: Request, body: AnswerBody): Promise<void> | undefined {
  if (typeof body === "string" || body instanceof Uint8Array) {
    request.finishWith(body);
    return undefined;
  }
  if (isPageStream(body)) setType(request, body.contentType);
  return sendPieces(request, body);
}

/** What is there at once is sent at once; a page that is short then has a Content-Length. */
function sendPieces(request: Request, pieces: BodyStream): Promise<void> | undefined {
  if (pieces instanceof ReadableStream) return sendWebStream(request, pieces);
  if (!isPageStream(pieces)) return sendStream(request, pieces);
  const { text, rest } = pieces.begin();
  if (rest === undefined) {
    request.finishWith(text);
    return undefined;
  }
  if (text !== "") request.write(text); // The head goes with it: an error before can be a 500.
  return sendStream(request, rest);
}

/** Piece by piece, at the client's pace. The source is told when the client has gone. */
async function sendStream(request: Request, pieces: BodyStream): Promise<void> {
  const source = iteratorOf(pieces);
  const end = (): unknown => source.return?.();
  if (request.method === "HEAD") {
    // Nobody gets the pieces, and there may be no end of them.
    await end();
    request.finish(NO_TRAILERS);
    return;
  }
  // A source that waits for something may be told at once that nobody waits for it any more.
  void request.notifyFinish().addErrback(end);
  for (;;) {
    const { done, value } = await source.next();
    if (request.disconnected) return;
    if (done === true) break;
    try {
      checkPiece(request, value);
      request.write(value);
    } catch (error) {
      await end();
      throw error;
    }
    if (request.channel.full) await request.drained();
  }
  request.finish();
}

function iteratorOf(
  pieces: BodyStream,
): AsyncIterator<Uint8Array | string> | Iterator<Uint8Array | string> {
  return Symbol.asyncIterator in pieces
    ? pieces[Symbol.asyncIterator]()
    : pieces[Symbol.iterator]();
}

function isStream(value: unknown): value is AsyncIterable<Uint8Array | string> {
  return (
    typeof value === "object" &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}
