/**
 * Reactors that are wrong about push producers.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/stream-transport.ts";
const SLOT = "reactors/base/producer-slot.ts";
const WIRE = "reactors/memory/memory-wire.ts";
const NETWORK = "reactors/memory/memory-network.ts";
const MAY_RESUME =
  "if (!this.#producer.paused || this.bufferedBytes > 0 || this.#reason !== undefined) return;";
const TELL = "#tellLost(reason: Failure): void {\n    this.#stopProducer();";
const PAUSE = "if (this.bufferedBytes > PAUSE_MARK) this.#pauseProducer();";

/** For `push producers`. */
export const pushProducerMutants: readonly Mutant[] = [
  {
    name: "it is paused at 64 KiB",
    file: SLOT,
    find: "export const PAUSE_MARK = 65_536;",
    replace: "export const PAUSE_MARK = 65_535;",
    kills: ["it is paused above 64 KiB, not at it, from inside write()"],
  },
  {
    name: "it is paused at each write",
    file: SLOT,
    find: "if (bufferedBytes <= PAUSE_MARK || this.#paused) return;",
    replace: "if (bufferedBytes <= PAUSE_MARK) return;",
    kills: ["it is paused once, however much it writes on"],
  },
  {
    name: "it is resumed as soon as it has paused",
    file: TRANSPORT,
    find: PAUSE,
    replace: `${PAUSE}\n    if (this.#producer.paused) this.#producer.resume();`,
    kills: ["it is resumed when the buffer is empty, never from inside write()"],
  },
  {
    name: "one that comes when much waits is not paused",
    file: TRANSPORT,
    find: "if (streaming) this.#producer.pauseAbove(this.bufferedBytes);",
    replace: "if (streaming) return;",
    kills: ["it is not resumed while the peer does not read"],
  },
  {
    name: "it is resumed, whatever was written since",
    file: TRANSPORT,
    find: MAY_RESUME,
    replace: "if (!this.#producer.paused || this.#reason !== undefined) return;",
    kills: ["it is not resumed while more waits, whoever wrote that"],
  },
  {
    name: "whoever comes is resumed",
    file: "reactors/base/producer-slot.ts",
    find: "this.#paused = !streaming;",
    replace: "this.#paused = true;",
    kills: ["one that comes in the place of a paused one is not resumed for it"],
  },
  {
    name: "it counts as paused from the start",
    file: SLOT,
    find: "this.#paused = !streaming;",
    replace: "this.#paused = true;",
    kills: ["it is not resumed when it was not paused"],
  },
  {
    name: "one that was resumed counts as paused for ever",
    file: SLOT,
    find: "this.#paused = !registered.streaming;",
    replace: "",
    kills: ["pause and resume alternate through 10 MB, and memory is bounded"],
  },
  {
    name: "the first connection that is busy is served, and no other",
    file: NETWORK,
    find: "if (wire.deliver()) busy = true;",
    replace: "if (busy) break;\n      if (wire.deliver()) busy = true;",
    kills: ["a producer that never stops does not keep other connections waiting"],
  },
  {
    name: "a second producer takes the place of the first",
    file: SLOT,
    find: "if (this.#registered !== undefined) {",
    replace: "if (this.#registered?.producer === producer) {",
    kills: ["a second producer is refused; after unregisterProducer() it is welcome"],
  },
  {
    name: "one that is paused cannot be unregistered",
    file: SLOT,
    find: "clear(): void {\n    this.#registered = undefined;",
    replace: "clear(): void {\n    if (this.#paused) return;\n    this.#registered = undefined;",
    kills: ["one that is unregistered while paused is not resumed"],
  },
  {
    name: "unregisterProducer() without one closes",
    file: TRANSPORT,
    find: "unregisterProducer(): void {",
    replace:
      "unregisterProducer(): void {\n    if (!this.#producer.occupied) this.loseConnection();",
    kills: ["unregisterProducer() without one does nothing"],
  },
  {
    name: "registerProducer() after the end is heard by nobody",
    file: TRANSPORT,
    find: "producer.stopProducing();\n      return;",
    replace: "if (!this.#disconnected) producer.stopProducing();\n      return;",
    kills: ["registerProducer() after the end: stopProducing() at once"],
  },
  {
    name: "registerProducer() after loseWriteConnection() is heard by nobody",
    file: TRANSPORT,
    find: "producer.stopProducing();\n      return;",
    replace: 'if (this.#writeEnd === "open") producer.stopProducing();\n      return;',
    kills: ["registerProducer() after loseWriteConnection(): stopProducing() at once"],
  },
  {
    name: "it is stopped after connectionLost()",
    file: TRANSPORT,
    find: TELL,
    replace:
      "#tellLost(reason: Failure): void {\n    this.#reactor.soon(() => this.#stopProducer());",
    kills: ["the end of the connection stops it, before connectionLost(), once"],
  },
  {
    name: "the peer's end waits for it",
    file: TRANSPORT,
    find: "this.#stopProducer();\n    this.#closeSoon();",
    replace: "this.#closeSoon();",
    kills: ["the peer's end stops it"],
  },
  {
    name: "it is resumed before it is stopped",
    file: TRANSPORT,
    find: TELL,
    replace: `#tellLost(reason: Failure): void {
    if (this.#producer.paused) this.#producer.resume();
    this.#stopProducer();`,
    kills: ["a paused one is not resumed after the end"],
  },
  {
    name: "one that is unregistered from inside pauseProducing() comes back",
    file: SLOT,
    find: "registered.producer.pauseProducing();",
    replace: "registered.producer.pauseProducing();\n    this.#registered = registered;",
    kills: ["unregisterProducer() from inside pauseProducing()"],
  },
  {
    name: "loseConnection() from inside resumeProducing() unregisters",
    file: TRANSPORT,
    find: 'this.#guard("resumeProducing", () => this.#producer.resume());',
    replace: `this.#guard("resumeProducing", () => this.#producer.resume());
      if (this.#disconnecting) this.unregisterProducer();`,
    kills: ["loseConnection() from inside resumeProducing() waits for unregisterProducer()"],
  },
  {
    name: "a transport that is asked to pause reads on",
    file: WIRE,
    find: "this.#reading = false;",
    replace: "",
    kills: ["two transports may be each other's producer: a proxy holds little"],
  },
];
