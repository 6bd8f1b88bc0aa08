/**
 * What a reader of HTTP/1 messages says.
 *
 * @module
 */
import type { FieldList, Fields } from "./fields.ts";

/** 1.0 or 1.1: a higher minor version is read as 1.1 (RFC 9110 §2.5). */
export type HTTPVersion = "1.0" | "1.1";

/** How long a body is. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  /** Only an answer's: it ends with the connection (RFC 9112 §6.3). */
  | { readonly kind: "until-close" };

/** Some of a body; never empty. The bytes are yours, a view of what was received. */
export interface DataEvent {
  readonly type: "data";
  readonly data: Buffer;
}

/** The message is whole. */
export interface EndEvent {
  readonly type: "end";
  /** Fields after the body, apart from those before it: who mixes them trusts a peer too much. */
  readonly trailers: FieldList;
}

/** The head of a request. */
export interface RequestHead {
  readonly type: "request";
  readonly method: string;
  /** As it was sent: `/path?query`, `http://host/path`, `host:port` or `*`. */
  readonly target: string;
  /** `/path?query` of it; `*` as it is, `""` for CONNECT. */
  readonly path: string;
  /** Host and port that are meant: of the target if it has them, else of Host; may be `""`. */
  readonly authority: string;
  readonly version: HTTPVersion;
  readonly fields: Fields;
  readonly framing: Framing;
  /** May another message follow? */
  readonly keepAlive: boolean;
  /** The peer waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** What the connection may be switched to: the value of Upgrade, if Connection names it. */
  readonly upgrade: string | undefined;
}

/** The head of an answer; of an interim one, too. */
export interface ResponseHead {
  readonly type: "response";
  readonly status: number;
  readonly phrase: string;
  readonly version: HTTPVersion;
  readonly fields: Fields;
  readonly framing: Framing;
  readonly keepAlive: boolean;
  /** The connection is no HTTP any more: 101, or 2xx to CONNECT. Take the rest. */
  readonly switches: boolean;
}
