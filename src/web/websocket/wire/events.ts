/**
 * What a reader of WebSocket frames says.
 *
 * Bytes in an event are the receiver's to keep and to change. They may be a view of what was
 * received, and then hold all of its memory: copy what you keep for long.
 *
 * @module
 */

/** A message of text, whole. */
export interface TextEvent {
  readonly type: "text";
  readonly data: string;
}

/** A message of bytes, whole. */
export interface BinaryEvent {
  readonly type: "binary";
  readonly data: Buffer;
}

/**
 * A message as permessage-deflate left it: inflate it, and if it is text decode it, before anyone
 * sees it. Never comes unless the reader was told to expect it.
 */
export interface CompressedEvent {
  readonly type: "compressed";
  /** What it is once inflated. */
  readonly of: MessageType;
  readonly data: Buffer;
}

/** Answer with a pong that carries the same bytes; only the last of several must be answered. */
interface PingEvent {
  readonly type: "ping";
  /** At most 125 bytes. */
  readonly data: Buffer;
}

/** An answer to a ping, or a heartbeat that nobody asked for. */
interface PongEvent {
  readonly type: "pong";
  readonly data: Buffer;
}

/** The last event: the peer sends nothing more. Answer with a close frame, if none was sent. */
export interface CloseEvent {
  readonly type: "close";
  /** 1005 if the peer gave none. */
  readonly code: number;
  /** At most 123 bytes of UTF-8, for people; often empty. */
  readonly reason: string;
}

/** The two kinds of messages. */
export type MessageType = "text" | "binary";

/** What came. */
export type WebSocketEvent =
  | TextEvent
  | BinaryEvent
  | CompressedEvent
  | PingEvent
  | PongEvent
  | CloseEvent;
