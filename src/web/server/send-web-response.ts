/**
 * Sends the web's `Response`.
 *
 * Its body is read at the client's pace. When the client goes first, the body is cancelled at once,
 * also in the middle of waiting for its next piece: a stream of events would wait for ever.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { checkPiece } from "./check-piece.ts";
import { copyFields } from "./copy-fields.ts";
import type { Request } from "./request.ts";

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type Piece = Awaited<ReturnType<Reader["read"]>>;

/** Turns of promises in which the end of a body that is whole already is heard of. */
const QUICK_TURNS = 3;

/** Answer with it. The promise is kept when all is written. @throws {TypeError} It is none. */
export async function sendWebResponse(request: Request, response: Response): Promise<void> {
  // Not instanceof: there are others' classes of this name. Response.error() has the status 0.
  if (!(response?.status >= 200)) {
    throw new TypeError(`Cannot answer: expected a Response, got ${quote(response)}`);
  }
  const { body } = response;
  if (request.disconnected) {
    await body?.cancel();
    return;
  }
  const { statusText } = response;
  request.setResponseCode(response.status, statusText === "" ? undefined : statusText);
  copyFields(request, [...response.headers].flat());
  if (body === null) request.finish();
  else await sendWebStream(request, body);
}

/** Send a stream of the web as the body, and finish. The promise is kept when all is written. */
export async function sendWebStream(
  request: Request,
  body: ReadableStream<Uint8Array>,
): Promise<void> {
  if (request.method === "HEAD") {
    // Nobody gets the pieces, and there may be no end of them.
    await body.cancel();
    request.finish();
    return;
  }
  const reader: Reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => {}); // Nobody is left to be told.
  void request.notifyFinish().addErrback(cancel);
  await sendBody(request, reader);
}

async function sendBody(request: Request, reader: Reader): Promise<void> {
  const first = await reader.read();
  if (first.done) {
    request.finish();
    return;
  }
  checkPiece(request, first.value);
  const next = reader.read();
  const quick = await Promise.race([next, afterQuickTurns()]);
  if (quick?.done === true) {
    request.finishWith(first.value); // In one write, and with its length.
    return;
  }
  request.write(first.value);
  await sendRest(request, reader, next);
}

/** Most bodies are one piece, and their end is there already. */
async function afterQuickTurns(): Promise<undefined> {
  for (let turn = 0; turn < QUICK_TURNS; turn += 1) await Promise.resolve();
}

async function sendRest(request: Request, reader: Reader, next: Promise<Piece>): Promise<void> {
  for (let piece = await next; !piece.done; piece = await reader.read()) {
    checkPiece(request, piece.value);
    request.write(piece.value);
    if (request.channel.full) await request.drained();
  }
  if (!request.disconnected) request.finish();
}
