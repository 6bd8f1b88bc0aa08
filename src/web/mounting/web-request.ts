/**
 * A request as the web's `Request`.
 *
 * @module
 */
import type { RequestBody } from "../server/request-body.ts";
import type { Request } from "../server/request.ts";

/** So many bytes may wait for an app that reads slowly; then the client must. */
const HIGH_MARK = 65_536;

/** The fields of a request. */
export function webHeaders({ requestHeaders }: Request): Headers {
  return new Headers([...requestHeaders].map(([name, value]): [string, string] => [name, value]));
}

/** Aborted when the client goes. */
export function goneSignal(request: Request): AbortSignal {
  const gone = new AbortController();
  void request.notifyFinish().addErrback((failure) => gone.abort(failure.value));
  return gone.signal;
}

/**
 * Make it. The body is not asked for before the app reads it.
 *
 * @throws {TypeError} The web forbids the method, or the URL is none.
 */
export function webRequest(
  request: Request,
  url: string,
  headers: Headers,
  signal: AbortSignal,
): globalThis.Request {
  const { method, content } = request;
  const init = { method, headers, signal };
  const hasBody = method !== "GET" && method !== "HEAD" && content.length !== 0;
  if (!hasBody) return new globalThis.Request(url, init);
  return new globalThis.Request(url, { ...init, body: bodyStream(content), duplex: "half" });
}

/** A body as a stream of the web, at its reader's pace. */
function bodyStream(content: RequestBody): ReadableStream<Uint8Array> {
  let isDelivering = false;
  let isCancelled = false;
  const deliver = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    isDelivering = true;
    content.deliver({
      dataReceived: (data) => {
        if (isCancelled) return;
        controller.enqueue(data);
        if (-(controller.desiredSize ?? 0) >= HIGH_MARK) content.pause();
      },
      bodyEnded: (failure) => {
        if (isCancelled) return;
        if (failure === undefined) controller.close();
        else controller.error(failure.value);
      },
    });
  };
  return new ReadableStream(
    {
      // With a mark of 0 this is called when somebody waits and nothing is there, and only then.
      pull: (controller) => (isDelivering ? content.resume() : deliver(controller)),
      cancel: () => {
        isCancelled = true;
        content.pause();
      },
    },
    { highWaterMark: 0, size: (chunk) => chunk?.byteLength ?? 0 },
  );
}
