/**
 * A resource that opens WebSockets.
 *
 * After: twisted.web.websocket.WebSocketResource. Differs: origins are checked; subprotocols and
 * compression are agreed on; everything is bounded.
 *
 * @module
 */
import { isLater } from "../server/and-then.ts";
import { Answer, type Eventually, NOT_DONE_YET, type RenderResult } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";
import type { IResource } from "../server/resource-interface.ts";
import type { Request } from "../server/request.ts";
import { acceptKey } from "./accept-key.ts";
import { type AllowedOrigins, checkedOrigins, isAllowedOrigin } from "./origin-check.ts";
import { WebSocketConnection } from "./websocket-connection.ts";
import {
  type CompleteWebSocketLimits,
  completeWebSocketLimits,
  type WebSocketLimits,
} from "./websocket-limits.ts";
import type { IWebSocketProtocol } from "./websocket-protocol.ts";
import { acceptDeflate } from "./wire/deflate-parameters.ts";
import { WebSocketRequestError } from "./wire/errors.ts";
import {
  handshakeAnswerFields,
  type HandshakeOffer,
  readHandshakeRequest,
} from "./wire/handshake.ts";

/**
 * Makes the protocol for a request. An {@link Answer} refuses it: 401, 403 and so on. The
 * subprotocol that will be spoken is told. A client that has gone before the protocol was there
 * leaves it unconnected: nothing of it is called.
 */
export type BuildWebSocket = (
  request: Request,
  subprotocol: string | undefined,
) => Eventually<IWebSocketProtocol | Answer>;

/** Options of {@link WebSocketResource}. */
export interface WebSocketOptions extends WebSocketLimits {
  /** Subprotocols that are spoken here: the first of the client's is taken. Default: none. */
  readonly protocols?: readonly string[];
  /** Whose pages may connect. Default: `"same"`. */
  readonly origins?: AllowedOrigins;
  /**
   * Compress messages of 1 KiB and more for clients that offer it. A client's small message can
   * then cost the work of a large one. Default: `false`.
   */
  readonly deflate?: boolean;
}

/** See the top of this file, and {@link WebSocketProtocol} for an example. */
export class WebSocketResource implements IResource {
  readonly isLeaf = true;
  readonly #build: BuildWebSocket;
  readonly #limits: CompleteWebSocketLimits;
  readonly #protocols: readonly string[];
  readonly #origins: AllowedOrigins;
  readonly #deflate: boolean;

  /** @throws {RangeError} A limit that is none, or an origin. */
  constructor(build: BuildWebSocket, options: WebSocketOptions = {}) {
    this.#build = build;
    this.#limits = completeWebSocketLimits(options);
    this.#protocols = options.protocols ?? [];
    this.#origins = checkedOrigins(options.origins ?? "same");
    this.#deflate = options.deflate ?? false;
  }

  getChildWithDefault(): IResource {
    return this;
  }

  render(request: Request): Eventually<RenderResult> {
    const offer = readOffer(request);
    if (offer instanceof Answer) return offer;
    if (!isAllowedOrigin(request, this.#origins)) {
      return errorPage(403, "Pages of that origin may not open a WebSocket here.");
    }
    const subprotocol = offer.protocols.find((one) => this.#protocols.includes(one));
    const built = this.#build(request, subprotocol);
    if (!isLater(built)) {
      return this.#open(request, offer, subprotocol, built);
    }
    return built.then((one) => this.#open(request, offer, subprotocol, one));
  }

  #open(
    request: Request,
    offer: HandshakeOffer,
    protocol: string | undefined,
    built: IWebSocketProtocol | Answer,
  ): RenderResult {
    if (built instanceof Answer) return built;
    if (request.disconnected) return NOT_DONE_YET; // Its client has gone meanwhile.
    const deflate = this.#deflate ? acceptDeflate(offer.extensions) : undefined;
    const accept = acceptKey(offer.key);
    const extension = deflate?.extension;
    const fields = handshakeAnswerFields(offer, { accept, protocol, extension });
    for (let at = 0; at < fields.length; at += 2) {
      request.responseHeaders.set(fields[at] ?? "", fields[at + 1] ?? "");
    }
    const connection = new WebSocketConnection({
      reactor: request.reactor,
      protocol: built,
      limits: this.#limits,
      subprotocol: protocol,
      deflate,
    });
    if (request.upgrade(connection)) return NOT_DONE_YET;
    // The site is mounted in somebody else's server, who keeps the connection.
    for (let at = 0; at < fields.length; at += 2) {
      request.responseHeaders.removeHeader(fields[at] ?? "");
    }
    return errorPage(501, "A WebSocket cannot be opened through this server.");
  }
}

function readOffer(request: Request): HandshakeOffer | Answer {
  // Behind a body, nobody knows where the frames begin.
  if (request.content.length !== 0) return errorPage(400, "A WebSocket is opened without a body.");
  try {
    return readHandshakeRequest({
      method: request.method,
      version: request.clientproto.replace("HTTP/", ""),
      field: (name) => request.getHeader(name),
    });
  } catch (error) {
    if (!(error instanceof WebSocketRequestError)) throw error;
    const answer = errorPage(error.status, error.message);
    for (let at = 0; at < error.fields.length; at += 2) {
      answer.headers.set(error.fields[at] ?? "", error.fields[at + 1] ?? "");
    }
    return answer;
  }
}
