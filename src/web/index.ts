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
 *   render_GET(): string {
 *     return "<p>Hello</p>";
 *   }
 * }
 * const site = new Site(new Resource().putChild("hello", new Hello()), { reactor });
 * const port = await serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(site);
 *
 * const answer = await fetch(`http://${port.getHost()}/hello`, {
 *   headers: { connection: "close" },
 * });
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
  type BodySource,
  BodyTooLargeError,
  BodyUsedError,
  type ReadOptions,
  RequestBody,
} from "./server/request-body.ts";
export { combinedLogFormatter } from "./server/access-log.ts";
export type { HTTP2Limits } from "./http2/limits.ts";
export type { AnswerHead, IRequestChannel, TakenOver } from "./server/channel.ts";
export type { SitePort } from "./server/site-port.ts";
export type { HTTPDeadlines } from "./server/deadlines.ts";

// Answers
export {
  Answer,
  type AnswerBody,
  type AnswerInit,
  type BodyStream,
  type Eventually,
  htmlAnswer,
  json,
  NOT_DONE_YET,
  type PageStream,
  type RenderResult,
  type StreamBeginning,
  text,
} from "./server/answer.ts";
export { errorPage, escapeHTML } from "./server/error-page.ts";
export { NotFound } from "./server/not-found.ts";
export { Redirect, type RedirectCode, redirectTo } from "./server/redirect.ts";

// WebSocket
export type { AllowedOrigins } from "./websocket/origin-check.ts";
export { overWebSocket, type OverWebSocketOptions } from "./websocket/over-websocket.ts";
export { WebSocketClosed } from "./websocket/websocket-closed.ts";
export type { WebSocketLimits } from "./websocket/websocket-limits.ts";
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

// Routes
export { Router, type RouteAdder } from "./routing/router.ts";
export type { ParamName, PathParams } from "./routing/pattern.ts";
export type {
  CheckedHandler,
  CheckedInputs,
  CheckedParams,
  RouteHandler,
  RouteSchemas,
} from "./routing/route-handler.ts";
export { problem, type ProblemMembers } from "./routing/problem.ts";
export { negotiate, NotAcceptableError } from "./routing/negotiate.ts";
export { answerOf, type Wrapper, wrapped } from "./routing/wrapper.ts";
export { compressed, type CompressedOptions } from "./routing/compressed.ts";
export type { ContentCoding } from "./routing/content-coder.ts";
export { cors, type CorsOptions } from "./routing/cors.ts";
export { etagged } from "./routing/etagged.ts";

// Bodies
export { readJSON } from "./bodies/read-json.ts";
export { readText } from "./bodies/read-text.ts";
export { type FormFields, readForm, type ReadFormOptions } from "./bodies/read-form.ts";
export { type MultipartLimits, readMultipart } from "./bodies/read-multipart.ts";
export { type FieldPart, FilePart, type FormPart } from "./bodies/multipart-part.ts";
export { BodyMalformedError, FormLimitError, UnsupportedBodyError } from "./bodies/read-errors.ts";
export {
  type SchemaOutput,
  type StandardIssue,
  type StandardResult,
  type StandardSchema,
  type ValidatedPart,
  ValidationError,
} from "./bodies/standard-schema.ts";

// Static files
export { CACHED } from "./server/cached.ts";
export { Data } from "./static/data.ts";
export { File } from "./static/file.ts";
export type { FileOptions } from "./static/file-options.ts";
export type { FileFacts, FileKind, IFileSystem, IOpenFile } from "../internet/interfaces-files.ts";
export { nodeFileSystem } from "./static/node-file-system.ts";

// Mounting
export {
  type FetchApp,
  type FetchFunction,
  FetchResource,
  type FetchResourceOptions,
} from "./mounting/fetch-resource.ts";
export { type NodeListener, NodeResource } from "./mounting/node-resource.ts";
export { type FetchHandlerOptions, toFetchHandler } from "./mounting/fetch-handler.ts";
export { toNodeHandler } from "./mounting/node-handler.ts";

// Pages
export { html, HTML, type HTMLValue, raw } from "./template/html.ts";

// Sessions
export { Session, SessionExpiredError, type SessionKeeper } from "./sessions/session.ts";
export { type SessionKey, sessionKey } from "./sessions/session-key.ts";
export { Sessions, type SessionsOptions } from "./sessions/sessions.ts";
export type { CookieCarrier } from "./sessions/session-cookie.ts";

// Logins
export { HTTPAuthSessionWrapper } from "./guard/http-auth-session-wrapper.ts";
export { type IAvatar, type IChecker, type IRealm, Portal } from "./guard/portal.ts";
export type { ICredentialFactory } from "./guard/credential-factory.ts";
export { BasicCredentialFactory } from "./guard/basic-credential-factory.ts";
export {
  type DigestAlgorithm,
  DigestCredentialFactory,
  DigestedCredentials,
  type DigestOptions,
  type SignedRequest,
} from "./guard/digest-credential-factory.ts";
export {
  type ICredentials,
  UnauthorizedLogin,
  UnhandledCredentials,
  UsernamePassword,
} from "./guard/credentials.ts";
export { hashPassword, HashedPasswords } from "./guard/hashed-passwords.ts";
export { PlainPasswords } from "./guard/plain-passwords.ts";

// Remote calls
export {
  type Procedure,
  type ProcedureDescription,
  type RPCMethod,
  RPCResource,
} from "./rpc/rpc-resource.ts";
export { XMLRPC, XMLRPC_FAILURE, XMLRPC_NOT_FOUND, type XMLRPCOptions } from "./rpc/xmlrpc.ts";
export { Fault, type XMLRPCValue } from "./rpc/xmlrpc-values.ts";
export { addIntrospection, type IntrospectionOptions } from "./rpc/xmlrpc-introspection.ts";
export { JSONRPC, JSONRPCError, type JSONRPCOptions } from "./rpc/json-rpc.ts";

// Proxies
export {
  type ProxyReactor,
  type ReverseProxyOptions,
  ReverseProxyResource,
} from "./proxy/reverse-proxy-resource.ts";
export { type ForwardProxyOptions, ForwardProxyResource } from "./proxy/forward-proxy-resource.ts";
export { isPublicAddress, isPublicWeb, type ProxyPlace } from "./proxy/proxy-place.ts";
export type { ProxyCredentials } from "./proxy/proxy-credentials.ts";
export type { UpstreamDeadlines } from "./upstream/deadlines.ts";
export type { UpstreamPoolOptions } from "./upstream/upstream-pool.ts";

// Virtual hosts
export { NameVirtualHost } from "./vhost/name-virtual-host.ts";
export { alias, type RewriteRule, RewriterResource } from "./rewrite/rewriter-resource.ts";

// CGI
export { CGIScript } from "./cgi/cgi-script.ts";
export { CGIDirectory, type CGIDirectoryOptions } from "./cgi/cgi-directory.ts";
export type { CGIOptions } from "./cgi/cgi-runner.ts";

// HTTP
export { Headers, type HeadersInit } from "./http/headers.ts";
export { RESPONSES } from "./http/status.ts";
export type { HTTPLimits } from "./http/wire/limits.ts";
export { FAULT_STATUS, type HTTPFault, HTTPMessageError } from "./http/wire/message-error.ts";
