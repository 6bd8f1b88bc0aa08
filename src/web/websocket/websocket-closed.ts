/**
 * How a WebSocket ends in good order.
 *
 * @module
 */
import { ConnectionClosed } from "../../internet/errors.ts";

/** Both sides have said goodbye. Any other reason is how the connection below it ended. */
export class WebSocketClosed extends ConnectionClosed {
  readonly code = "ERR_WEBSOCKET_CLOSED";
  /** What the first to say goodbye gave: 1000, 1001 …; 1005 if nothing. */
  readonly closeCode: number;
  /** For people; often empty. */
  readonly reason: string;

  constructor(closeCode: number, reason: string) {
    const why = reason === "" ? "" : `: ${JSON.stringify(reason)}`;
    super(`WebSocket was closed with ${String(closeCode)}${why}`);
    this.closeCode = closeCode;
    this.reason = reason;
  }
}
