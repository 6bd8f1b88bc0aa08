/**
 * HTTP: a server that is strict, bounded and streams, with resources, static files and routes; and
 * the pieces it is made of.
 *
 * @example
 * ```ts
 * import { reactor } from "sennit/reactor";
 * import { serverFromString } from "sennit/internet";
 * import { Resource, Site } from "sennit/web";
 *
 * class Hello extends Resource {
 *   override readonly isLeaf = true;
 *   override render_GET(): string {
 *     return "<p>Hello</p>";
 *   }
 * }
 * const site = new Site(new Resource().putChild("hello", new Hello()), { reactor });
 * const port = await serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(site);
 *
 * const answer = await fetch(`http://${port.getHost()}/hello`);
 * console.log(await answer.text()); // <p>Hello</p>
 * await port.stopListening();
 * ```
 *
 * @module web
 */

// Serving
export { HTTP_PROTOCOLS, Site, type SiteHandler, type SiteOptions } from "./server/site.ts";
export { Resource, type RenderMethod } from "./server/resource.ts";
export { type IResource, providesResource } from "./server/resource-interface.ts";
export { AnswerStateError, Request, type RequestParts } from "./server/request.ts";
export {
  type BodyReceiver,
  BodyTooLargeError,
  BodyUsedError,
  type ReadOptions,
  RequestBody,
} from "./server/request-body.ts";
export type { HTTP2Limits } from "./http2/limits.ts";
export type { HTTPDeadlines } from "./server/deadlines.ts";

// Answers
export {
  Answer,
  type AnswerBody,
  type AnswerInit,
  type BodyStream,
  type Eventually,
  html,
  json,
  NOT_DONE_YET,
  type RenderResult,
  text,
} from "./server/answer.ts";
export { errorPage, escapeHTML } from "./server/error-page.ts";
export { NotFound } from "./server/not-found.ts";

// WebSocket
export type { AllowedOrigins } from "./websocket/origin-check.ts";
export { overWebSocket, type OverWebSocketOptions } from "./websocket/over-websocket.ts";
export { WebSocketClosed } from "./websocket/websocket-closed.ts";
export type { WebSocketLimits } from "./websocket/websocket-connection.ts";
export {
  type IWebSocketProtocol,
  type IWebSocketTransport,
  WebSocketProtocol,
} from "./websocket/websocket-protocol.ts";
export {
  type BuildWebSocket,
  type WebSocketOptions,
  WebSocketResource,
} from "./websocket/websocket-resource.ts";
export { WebSocketProtocolError } from "./websocket/wire/errors.ts";

// HTTP
export { Headers, type HeadersInit } from "./http/headers.ts";
export { RESPONSES } from "./http/status.ts";
export type { HTTPLimits } from "./http/wire/limits.ts";
export { type HTTPFault, HTTPMessageError } from "./http/wire/message-error.ts";
