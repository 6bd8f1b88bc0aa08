/**
 * Reactors that are wrong about the bounds of a connection.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/stream-transport.ts";
const SLOT = "reactors/base/producer-slot.ts";
const MEMORY_CONNECTOR = "reactors/memory/memory-connector.ts";
const LIMITS = "const limits = this.#options;";

/** For `bounds`. */
export const boundMutants: readonly Mutant[] = [
  {
    name: "closeTimeout is half as long",
    file: TRANSPORT,
    find: "this.#reactor.callLater(this.#closeTimeout,",
    replace: "this.#reactor.callLater(this.#closeTimeout / 2,",
    kills: ["a peer that never reads while we close is dropped at closeTimeout"],
  },
  {
    name: "a client's closeTimeout is the default",
    file: MEMORY_CONNECTOR,
    find: LIMITS,
    replace: "const { closeTimeout, ...limits } = this.#options;",
    kills: ["a client has its closeTimeout too"],
  },
  {
    name: "there is no closeTimeout after the peer's end",
    file: TRANSPORT,
    find: "this.#watchClose();\n        return;",
    replace: "return;",
    kills: ["a peer that ended its half and never reads is dropped at closeTimeout"],
  },
  {
    name: "there is no closeTimeout with a producer",
    file: TRANSPORT,
    find: "if (this.bufferedBytes > 0) this.#watchClose();\n    else",
    replace:
      "if (this.bufferedBytes > 0 && !this.#producer.occupied) this.#watchClose();\n    else",
    kills: ["closeTimeout with a producer that waits for the peer"],
  },
  {
    name: "closeTimeout is for all that waits",
    file: TRANSPORT,
    find: "if (this.#sends !== sends) this.#watchClose();",
    replace: "if (this.#sends < sends) this.#watchClose();",
    kills: ["closeTimeout starts again with each progress"],
  },
  {
    name: "the close leaves its alarm behind",
    file: TRANSPORT,
    find: "if (this.#closeAlarm?.active === true) this.#closeAlarm.cancel();",
    replace: "",
    kills: ["a close in good order leaves no timer behind"],
  },
  {
    name: "what is beyond maxBufferedBytes is dropped, and that is all",
    file: TRANSPORT,
    find: "this.#abort(new SendBufferFullError(this.bufferedBytes, this.#bufferedMax));",
    replace: "",
    kills: ["a write beyond maxBufferedBytes ends the connection, later, with SendBufferFullError"],
  },
  {
    name: "at maxBufferedBytes it is full",
    file: TRANSPORT,
    find: "if (this.bufferedBytes > this.#bufferedMax) {",
    replace: "if (this.bufferedBytes >= this.#bufferedMax) {",
    kills: ["a write at maxBufferedBytes is the last that is taken"],
  },
  {
    name: "a write that is larger than maxBufferedBytes is too much",
    file: TRANSPORT,
    find: "if (this.bufferedBytes > this.#bufferedMax) {",
    replace: "if (this.bufferedBytes + bytes.length > this.#bufferedMax + 1) {",
    kills: ["maxBufferedBytes is no bound for one large write, nor for a peer that reads"],
  },
  {
    name: "a client's maxBufferedBytes is the default",
    file: MEMORY_CONNECTOR,
    find: LIMITS,
    replace: "const { maxBufferedBytes, ...limits } = this.#options;",
    kills: ["a client has its maxBufferedBytes too"],
  },
  {
    name: "a producer is paused above twice as much",
    file: SLOT,
    find: "export const PAUSE_MARK = 65_536;",
    replace: "export const PAUSE_MARK = 131_072;",
    kills: ["a stalled reader with a producer costs the threshold and one chunk"],
  },
  {
    name: "what was written in this turn does not count",
    file: TRANSPORT,
    find: "return this.#queue.bytes;",
    replace: "return this.#flushAsked ? 0 : this.#queue.bytes;",
    kills: ["bufferedBytes counts what waits, and nothing that is gone"],
  },
];
