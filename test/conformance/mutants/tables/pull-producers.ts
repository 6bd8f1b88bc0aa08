/**
 * Reactors that are wrong about pull producers.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/stream-transport.ts";
const SLOT = "reactors/base/producer-slot.ts";
const NETWORK = "reactors/memory/memory-network.ts";
const ASK = "else producer.resumeProducing();";
const REGISTER = "this.#producer.register(producer, streaming);";
const MAY_PAUSE = `if (bufferedBytes <= PAUSE_MARK || this.#paused) return;
    const registered = this.#registered;
    if (registered?.streaming !== true) return;`;
const PAUSE = "if (this.bufferedBytes > PAUSE_MARK) this.#pauseProducer();";

/** For `pull producers`. */
export const pullProducerMutants: readonly Mutant[] = [
  {
    name: "it is asked in a later pass",
    file: TRANSPORT,
    find: ASK,
    replace: "else this.#resumeLater();",
    kills: ["it is asked at registration, before that returns"],
  },
  {
    name: "it is asked twice",
    file: SLOT,
    find: "this.#paused = !registered.streaming;",
    replace: "this.#paused = false;",
    kills: ["it is asked once for each time that the buffer is empty"],
  },
  {
    name: "it is paused like a push producer",
    file: SLOT,
    find: MAY_PAUSE,
    replace: `if (bufferedBytes <= PAUSE_MARK) return;
    const registered = this.#registered;
    if (registered === undefined) return;`,
    kills: ["it is never asked to pause, whatever it writes"],
  },
  {
    name: "it is asked once more in the next pass",
    file: TRANSPORT,
    find: ASK,
    replace: `else {
      producer.resumeProducing();
      this.#reactor.later(() => producer.resumeProducing());
    }`,
    kills: ["it is not asked while the peer does not read"],
  },
  {
    name: "one that wrote nothing is asked once more",
    file: TRANSPORT,
    find: ASK,
    replace: `else {
      producer.resumeProducing();
      this.#resumeLater();
    }`,
    kills: ["it is not asked again until it has written"],
  },
  {
    name: "it is asked for each write",
    file: TRANSPORT,
    find: PAUSE,
    replace: `${PAUSE}
    this.#reactor.later(() => {
      if (this.bufferedBytes === 0) this.#producer.resume();
    });`,
    kills: ["one ask is one ask, also when the chunk is written in pieces"],
  },
  {
    name: "it is asked from inside write()",
    file: TRANSPORT,
    find: PAUSE,
    replace: `${PAUSE}
    if (this.#producer.paused && !this.#resumeAsked) {
      this.#resumeAsked = true;
      this.#producer.resume();
      this.#resumeAsked = false;
    }`,
    kills: ["it is not asked from inside write()"],
  },
  {
    name: "a connection that is busy is served until it is not",
    file: NETWORK,
    find: "if (wire.deliver()) busy = true;",
    replace: "if (busy) continue;\n      if (wire.deliver()) busy = true;",
    kills: ["one that never stops does not keep other connections waiting"],
  },
  {
    name: "it is asked before it is registered",
    file: TRANSPORT,
    find: REGISTER,
    replace: `if (!streaming) producer.resumeProducing();\n    ${REGISTER}`,
    kills: [
      "a second producer is refused, and not asked",
      "unregisterProducer() from inside the ask at registration",
    ],
  },
  {
    name: "while closing it is not asked any more",
    file: TRANSPORT,
    find: "if (this.#producer.paused) this.#resumeLater();",
    replace: "if (this.#producer.paused && !this.#disconnecting) this.#resumeLater();",
    kills: ["loseConnection() waits until it has no more"],
  },
  {
    name: "one that comes after the end is asked, too",
    file: TRANSPORT,
    find: "producer.stopProducing();\n      return;",
    replace:
      "producer.stopProducing();\n      if (!streaming) producer.resumeProducing();\n      return;",
    kills: ["registerProducer() after the end: stopProducing() at once, and no ask"],
  },
  {
    name: "it is asked at registration, and never again",
    file: SLOT,
    find: "this.#paused = !streaming;",
    replace: "this.#paused = false;",
    kills: ["the next producer after unregisterProducer() is asked by itself"],
  },
];
