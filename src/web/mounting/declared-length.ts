/**
 * Holds an answer to its own Content-Length: what is longer would be read as the next answer.
 *
 * @module
 */
import { Logger } from "../../logger/logger.ts";
import type { AnswerHead } from "../server/channel.ts";

const log = new Logger({ namespace: "sennit.web" });
const DIGITS = /^\d{1,15}$/u;

/** See the top of this file. */
export class DeclaredLength {
  readonly #asked: string;
  /** Bytes still to come; `undefined`: any number. */
  #owed: number | undefined;

  /** @param asked What the answer is to, for the log. */
  constructor(head: AnswerHead, asked: string) {
    this.#asked = asked;
    const declared = head.bodiless ? undefined : head.headers.get("content-length");
    if (declared !== undefined && DIGITS.test(declared)) this.#owed = Number(declared);
  }

  /** As much of these bytes as may be sent. */
  take(bytes: Uint8Array): Uint8Array {
    const owed = this.#owed;
    if (owed === undefined) return bytes;
    this.#owed = Math.max(0, owed - bytes.length);
    if (bytes.length <= owed) return bytes;
    const asked = this.#asked;
    log.error("{asked}: the answer is longer than its Content-Length; the rest is dropped", {
      asked,
    });
    return bytes.subarray(0, owed);
  }

  /** Is it whole? If not, it must be cut off, and that is logged. */
  isComplete(): boolean {
    if ((this.#owed ?? 0) === 0) return true;
    const asked = this.#asked;
    log.error("{asked}: the answer is shorter than its Content-Length; it is cut off", { asked });
    return false;
  }
}
