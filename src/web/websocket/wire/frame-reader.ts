/**
 * Bytes in, messages and control frames out, however the bytes were cut.
 *
 *     81 85 … 8a  05          chunks: a frame in two pieces,
 *     01 83 …  89 80 …  80 82 …        a message in two frames, a ping between them
 *     text         ping  text          events
 *
 * Events are pulled one by one, so that who handles one may stop there, change its mind, or
 * receive more: nothing here is on the stack then.
 *
 * A payload that lies in one chunk and is a whole message is unmasked where it lies, and is a view
 * of the chunk; everything else is copied together. A text is checked as it comes: its first wrong
 * byte ends it, not its last.
 *
 * Spec: RFC 6455 §5 (frames), §6.2 (receiving), §7.1.5 and §7.4 (close), §8.1 (UTF-8), §10.4
 * (limits), RFC 7692 §6 (RSV1).
 *
 * @module
 */
import { assert } from "../../../core/assert.ts";
import { CLOSE_CODE, isSendableCloseCode } from "./close-codes.ts";
import { WebSocketProtocolError } from "./errors.ts";
import type { CloseEvent, MessageType, WebSocketEvent } from "./events.ts";
import { FrameHead, type Role } from "./frame-head.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import { applyMask } from "./mask.ts";
import { messageEvent } from "./message-event.ts";
import { CONTROL_BYTES_MAX, OPCODE } from "./opcodes.ts";
import { PartialMessage } from "./partial-message.ts";
import { decodeText } from "./utf8.ts";

/** Options of {@link FrameReader}. */
export interface FrameReaderOptions {
  /** Who reads: a `server` wants masked frames, a `client` unmasked ones. */
  readonly role: Role;
  /**
   * The longest message in bytes, over all its frames, as sent: before it is inflated. A frame that
   * announces more is refused by its head. Default: 1,048,576.
   */
  readonly maxMessageBytes?: number;
  /** The most frames that a message may come in. Default: 16,384. */
  readonly maxFragments?: number;
  /** Was permessage-deflate agreed on? Then messages may be compressed. Default: `false`. */
  readonly mayCompress?: boolean;
}

/** Ours: much for one message, and 1,000 peers that fill it cost a server no more than 1 GiB. */
const MESSAGE_BYTES_MAX = 1_048_576;
/** The greatest bound: no string is longer (V8). */
const LIMIT_MOST = 2 ** 29 - 24;
/**
 * Ours: the longest message in pieces of 64 bytes. A piece costs no memory beyond its bytes, so
 * this ends only messages that go on for ever with nothing in them.
 */
const FRAGMENTS_MAX = 16_384;
const NOTHING = Buffer.alloc(0);

/**
 * Reads the frames of one connection. Between two calls of `next` that return `undefined` it holds
 * less than `maxMessageBytes` and a control frame; the room of a message grows as its bytes come,
 * not as they are announced.
 */
export class FrameReader {
  readonly #maxMessageBytes: number;
  readonly #maxFragments: number;
  readonly #head: FrameHead;
  #state: "reading" | "closed" | "spent" = "reading";
  #chunk: Buffer = NOTHING;
  /** Where the unread part of `#chunk` begins. */
  #at = 0;
  /** What was received while `#chunk` had unread bytes. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** How much of the present payload was read. */
  #read = 0;
  /** How many frames of the present message have begun. */
  #frames = 0;
  /** The message whose end has not come. */
  #message: PartialMessage | undefined;
  /** The control frame whose end has not come. */
  readonly #control = new GrowingBytes();

  /** @throws {RangeError} A limit that is none: a whole number from 1; at most 2 ** 29 - 24. */
  constructor(options: FrameReaderOptions) {
    this.#maxMessageBytes = checkedLimit(
      "maxMessageBytes",
      options.maxMessageBytes ?? MESSAGE_BYTES_MAX,
    );
    this.#maxFragments = checkedLimit("maxFragments", options.maxFragments ?? FRAGMENTS_MAX);
    this.#head = new FrameHead(options.role, options.mayCompress ?? false);
  }

  /** `closed`: a close frame was read. `spent`: it threw. Neither reads on. */
  get state(): "reading" | "closed" | "spent" {
    return this.#state;
  }

  /** How many bytes it holds that were not handed out. */
  get bufferedBytes(): number {
    const held = this.#control.length + (this.#message?.length ?? 0);
    return held + this.#chunk.length - this.#at + this.#waitingBytes;
  }

  /**
   * The peer sent this. The bytes are the reader's from now on: it unmasks them where they are.
   * Nothing else happens yet. What comes behind a close frame or an error is dropped (§5.5.1).
   */
  receive(bytes: Buffer): void {
    if (this.#state !== "reading" || bytes.length === 0) return;
    if (this.#at < this.#chunk.length || this.#waitingBytes > 0) {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
    } else {
      this.#chunk = bytes;
      this.#at = 0;
    }
  }

  /**
   * The next event, or `undefined` when more must be received first, or the peer has closed.
   *
   * @throws {WebSocketProtocolError} The reader is then spent.
   */
  next(): WebSocketEvent | undefined {
    assert(this.#state !== "spent", "a FrameReader that threw reads no more");
    try {
      return this.#next();
    } catch (error) {
      this.#end("spent");
      throw error;
    }
  }

  #next(): WebSocketEvent | undefined {
    while (this.#state === "reading") {
      if (!this.#head.isWhole) this.#readHead();
      // A head alone is left alone: its payload may come as one chunk, and need no copy.
      if (this.#head.isWhole && (this.#at < this.#chunk.length || this.#head.length === 0)) {
        const event = this.#readPayload();
        if (event !== undefined) return event;
      }
      if (this.#at === this.#chunk.length && !this.#advance()) return undefined;
    }
    return undefined;
  }

  #readHead(): void {
    const head = this.#head;
    this.#at = head.receive(this.#chunk, this.#at);
    if (!head.isWhole || head.isControl) return;
    this.#checkOrder(head.opcode === OPCODE.continuation);
    const length = (this.#message?.length ?? 0) + head.length;
    if (length > this.#maxMessageBytes) {
      throw readError(
        `expected a message of at most ${String(this.#maxMessageBytes)} bytes, got more`,
        CLOSE_CODE.messageTooBig,
      );
    }
    if (this.#frames > this.#maxFragments) {
      throw readError(
        `expected a message of at most ${String(this.#maxFragments)} frames, got more`,
        CLOSE_CODE.policyViolation,
      );
    }
  }

  /** May this frame stand here (§5.4)? */
  #checkOrder(isContinuation: boolean): void {
    if (isContinuation && this.#message === undefined) {
      throw readError("expected a message to begin, got a continuation");
    }
    if (!isContinuation && this.#message !== undefined) {
      throw readError("expected the message to go on, got another one");
    }
    this.#frames = isContinuation ? this.#frames + 1 : 1;
  }

  /** Read what has come of the payload; the head is whole. */
  #readPayload(): WebSocketEvent | undefined {
    const head = this.#head;
    const from = this.#at;
    const to = Math.min(from + head.length - this.#read, this.#chunk.length);
    if (head.masked) applyMask(this.#chunk, from, to, head.mask, this.#read);
    this.#at = to;
    this.#read += to - from;
    const isWhole = this.#read === head.length;
    const event = head.isControl
      ? this.#readControl(from, to, isWhole)
      : this.#readData(from, to, isWhole);
    if (isWhole) {
      head.reset();
      this.#read = 0;
    }
    return event;
  }

  #readData(from: number, to: number, isWhole: boolean): WebSocketEvent | undefined {
    const { opcode, fin, compressed, length } = this.#head;
    const type: MessageType = opcode === OPCODE.text ? "text" : "binary";
    if (isWhole && fin && this.#message === undefined) {
      return messageEvent(type, compressed, this.#chunk, from, to);
    }
    const message = (this.#message ??= new PartialMessage(type, compressed));
    const rest = length - this.#read + to - from;
    const most = fin ? message.length + rest : this.#maxMessageBytes;
    message.append(this.#chunk, from, to, most);
    if (!isWhole || !fin) return undefined;
    this.#message = undefined;
    return message.finish();
  }

  #readControl(from: number, to: number, isWhole: boolean): WebSocketEvent | undefined {
    if (!isWhole || this.#control.length > 0) {
      this.#control.append(this.#chunk, from, to, CONTROL_BYTES_MAX);
      if (!isWhole) return undefined;
    }
    const data = this.#control.length > 0 ? this.#control.take() : this.#chunk.subarray(from, to);
    if (this.#head.opcode === OPCODE.ping) return { type: "ping", data };
    if (this.#head.opcode === OPCODE.pong) return { type: "pong", data };
    const event = closeEvent(data);
    this.#end("closed");
    return event;
  }

  /** Go on with what was received meanwhile. @returns Whether there was anything. */
  #advance(): boolean {
    this.#at = 0;
    if (this.#waitingBytes === 0) {
      this.#chunk = NOTHING;
      return false;
    }
    const [first = NOTHING] = this.#waiting;
    this.#chunk = this.#waiting.length > 1 ? Buffer.concat(this.#waiting) : first;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return true;
  }

  #end(state: "closed" | "spent"): void {
    this.#state = state;
    this.#chunk = NOTHING;
    this.#at = 0;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#message = undefined;
    this.#control.take();
  }
}

/** @throws {WebSocketProtocolError} What it says may not be said (§5.5.1, §7.4). */
function closeEvent(data: Buffer): CloseEvent {
  if (data.length === 0) return { type: "close", code: CLOSE_CODE.noStatus, reason: "" };
  if (data.length === 1) throw readError("expected a close code of 2 bytes, got 1");
  const code = data.readUInt16BE(0);
  if (!isSendableCloseCode(code)) throw readError(`expected a close code, got ${String(code)}`);
  return { type: "close", code, reason: decodeText(data, 2) };
}

function readError(
  problem: string,
  closeCode: number = CLOSE_CODE.protocolError,
): WebSocketProtocolError {
  return new WebSocketProtocolError(`Cannot read a WebSocket: ${problem}`, closeCode);
}

/** The limit itself. @throws {RangeError} No whole number from 1, or more than 2 ** 29 - 24. */
export function checkedLimit(name: string, limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MOST) return limit;
  throw new RangeError(
    `Cannot set ${name} to ${String(limit)}: expected a whole number from 1 to ` +
      String(LIMIT_MOST),
  );
}
