/**
 * From what a handler returned to what is sent.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { Answer, type AnswerBody, NOT_DONE_YET } from "./answer.ts";
import type { Request } from "./request.ts";

const HTML = "text/html; charset=utf-8";
const BYTES = "application/octet-stream";

/**
 * Send it. For a body in pieces the promise is kept when it is over; everything else is sent at
 * once, and gives `undefined`.
 *
 * @throws {TypeError} That is no answer.
 */
export function sendAnswer(request: Request, result: unknown): Promise<void> | undefined {
  if (typeof result === "string" || result instanceof Uint8Array) {
    setType(request, typeof result === "string" ? HTML : BYTES);
    request.finishWith(result);
    return undefined;
  }
  if (result === NOT_DONE_YET) return undefined;
  if (result instanceof Answer) return sendWhole(request, result);
  if (result instanceof Response) return sendResponse(request, result);
  if (isStream(result)) {
    setType(request, BYTES);
    return sendStream(request, result);
  }
  throw new TypeError(
    `Cannot answer ${request.toString()}: expected text, bytes, pieces of them, an Answer, a ` +
      `Response or NOT_DONE_YET, got ${quote(result)}`,
  );
}

function setType(request: Request, type: string): void {
  const { responseHeaders } = request;
  if (!responseHeaders.hasHeader("content-type")) responseHeaders.set("content-type", type);
}

function sendWhole(request: Request, answer: Answer): Promise<void> | undefined {
  request.setResponseCode(answer.code);
  copyFields(request, answer.headers);
  return sendBody(request, answer.body);
}

function sendBody(request: Request, body: AnswerBody): Promise<void> | undefined {
  if (typeof body === "string" || body instanceof Uint8Array) {
    request.finishWith(body);
    return undefined;
  }
  return sendStream(request, body);
}

function copyFields(request: Request, fields: Iterable<readonly [string, string]>): void {
  for (const [name, value] of fields) {
    if (name === "set-cookie" || name === "vary") request.responseHeaders.addRawHeader(name, value);
    else request.responseHeaders.set(name, value);
  }
}

async function sendResponse(request: Request, response: Response): Promise<void> {
  // A redirect made with Response.error(), status 0, is no answer to anybody.
  if (response.status < 200) throw new TypeError(`Cannot send a Response of type ${response.type}`);
  request.setResponseCode(
    response.status,
    response.statusText === "" ? undefined : response.statusText,
  );
  copyFields(request, response.headers);
  if (response.body === null) request.finish();
  else await sendStream(request, response.body);
}

/** Piece by piece, at the client's pace. The source is told when the client has gone. */
async function sendStream(
  request: Request,
  pieces: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
): Promise<void> {
  for await (const piece of pieces) {
    if (request.disconnected) return; // Leaving the loop ends the source.
    request.write(piece);
    if (request.channel.full) await request.drained();
  }
  if (!request.disconnected) request.finish();
}

function isStream(value: unknown): value is AsyncIterable<Uint8Array | string> {
  return (
    typeof value === "object" &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}
