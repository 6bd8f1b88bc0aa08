/**
 * The ways in which a peer's WebSocket is refused: its frames, its request, its answer.
 *
 * @module
 */
import { RemoteProtocolError } from "../../../core/errors.ts";
import type { FieldList } from "../../http/wire/fields.ts";

/**
 * What came is no WebSocket, or beyond a limit. Send a close frame with `closeCode` if you can,
 * and end the connection: nothing that follows can be read.
 */
export class WebSocketProtocolError extends RemoteProtocolError {
  readonly code = "ERR_WEBSOCKET_PROTOCOL";
  /** Why, in the words of RFC 6455 §7.4.1: 1002, 1007, 1008 or 1009. */
  readonly closeCode: number;

  constructor(message: string, closeCode: number, options?: ErrorOptions) {
    super(message, options);
    this.closeCode = closeCode;
  }
}

/** A client's request does not open a WebSocket. Answer it with `status` and `fields`. */
export class WebSocketRequestError extends RemoteProtocolError {
  readonly code = "ERR_WEBSOCKET_REQUEST";
  /** 400, 405 or 426. */
  readonly status: number;
  /** What belongs to that status: `allow`, or `upgrade` and `sec-websocket-version`. */
  readonly fields: FieldList;

  constructor(problem: string, status = 400, fields: FieldList = []) {
    super(`Cannot open a WebSocket for a request: ${problem}`);
    this.status = status;
    this.fields = fields;
  }
}

/** A server's answer does not open the WebSocket that was asked for. Drop the connection. */
export class WebSocketAnswerError extends RemoteProtocolError {
  readonly code = "ERR_WEBSOCKET_ANSWER";

  constructor(problem: string) {
    super(`Cannot open a WebSocket with a server: ${problem}`);
  }
}
