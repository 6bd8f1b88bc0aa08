/**
 * What a channel needs of the site it belongs to.
 *
 * @module
 */
import type { IProtocol } from "../../internet/interfaces-transport.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { CompleteLimits } from "../http/wire/limits.ts";
import type { HTTPDeadlines } from "./deadlines.ts";
import type { Request, RequestParts } from "./request.ts";
import type { UsualHeads } from "./usual-heads.ts";

/** See the top of this file. */
export interface SitePort {
  readonly reactor: IReactorTime;
  readonly limits: CompleteLimits;
  readonly deadlines: Required<HTTPDeadlines>;
  readonly usualHeads: UsualHeads;
  /** Makes the request of these parts. */
  makeRequest(parts: RequestParts): Request;
  /** Answer it. What goes wrong is logged and answered: this never throws. */
  process(request: Request): void;
  /** It has been answered, or its client has gone. */
  processed(request: Request): void;
  /** A protocol for HTTP/2, for a client that begins so; `undefined`: HTTP/1 alone. */
  buildHTTP2(): IProtocol | undefined;
  /** Seconds since 1970; `undefined` where the reactor does not know the time of day. */
  wallClock(): number | undefined;
  /** `Server` and `Date` as they are sent, with the ends of their lines. */
  standingFields(): string;
}
