/**
 * `overWebSocket` keeps the contracts of a transport, but for what a WebSocket has not: half a
 * close.
 *
 * @module
 */
import { afterAll, assert, describe, it } from "vitest";
import { describeReactor } from "../../src/testing/contracts/describe-reactor.ts";
import type { TestRunner } from "../../src/testing/contracts/harness.ts";
import { MemoryHarness } from "./memory-harness.ts";
import { closeSilentPorts, NodeHarness } from "./node-harness.ts";
import { webSocketNetwork } from "./websocket-network.ts";

/** What is about connections, whatever they run over. */
const TOPICS = [
  "stop",
  "ports",
  "the connections of a port",
  "connectors",
  "the life of a connection",
  "writing",
  "reading",
  "closing",
  "half-closing",
  "aborting",
  "failures stay inside",
  "push producers",
  "pull producers",
  "bounds",
];

const HALVES = "a WebSocket has no half-close: after its goodbye a peer hears nothing";
const BELOW = "about the connection below, which ends after the goodbyes are said";
const OPENING = "the client's end is the test's, and knows nothing before the WebSocket is open";

const EXEMPT: Readonly<Record<string, readonly string[]>> = {
  [HALVES]: [
    "the peer's end closes, after what was written before is sent",
    "what is written in answer to the last bytes arrives",
    "a reset after the peer's end, while we send what waits, is ConnectionLost",
    "the peer's end is readConnectionLost(), and one may go on writing",
    "when each side has ended its half, it is ConnectionDone for both",
    "a protocol without halves may end its own, and reads on",
    "write() after loseWriteConnection() is dropped and counted",
    "loseWriteConnection() twice is once",
    "loseWriteConnection() waits for a registered producer",
    "loseConnection() after loseWriteConnection() closes",
    "unregisterProducer() does not end our half twice",
    "loseWriteConnection() from inside connectionMade()",
    "an end is not told while reading is paused",
    "readConnectionLost() throws",
    "a peer that ended its half and never reads is dropped at closeTimeout",
  ],
  [BELOW]: [
    "connections live on after stopListening()",
    "connections has those that were accepted and have not ended",
    "a hundred connections made and lost leave nothing behind",
    "state: connecting, connected, disconnected",
    "clientConnectionLost() comes after connectionLost(), with its reason",
    "disconnect() while connected closes in good order",
  ],
  [OPENING]: [
    "stopListening() from inside buildProtocol() and connectionMade()",
    "one more than maxConnections is closed at once, with one warning a time",
    "a port that stays full warns once, also while connections come and go",
    "clientConnectionMade() does not come when connectionMade() threw",
    "disconnect() from inside buildProtocol() closes what is built",
  ],
};

const exempt: ReadonlyMap<string, string> = new Map(
  Object.entries(EXEMPT).flatMap(([reason, titles]) => titles.map((title) => [title, reason])),
);

class InMemory extends MemoryHarness {
  readonly network = webSocketNetwork(this.reactor, "127.0.0.1");
  readonly exempt = exempt;
}

class OnSockets extends NodeHarness {
  readonly network = webSocketNetwork(this.reactor, this.host);
  readonly exempt = exempt;
}

afterAll(closeSilentPorts);

/** Defines the contracts of {@link TOPICS}, and sees that all that is named here is there. */
function chosen(): TestRunner {
  const missing = new Set([...TOPICS, ...Object.values(EXEMPT).flat()]);
  let isOutside = true;
  return {
    describe: (name, body) => {
      if (isOutside) {
        isOutside = false;
        describe(name, () => {
          body();
          it("all that is tried is there, and all that is left out", () => {
            assert.isEmpty([...missing]);
          });
        });
      } else if (missing.delete(name)) {
        describe(name, () => {
          body();
        });
      }
    },
    it: (title, body) => {
      missing.delete(title);
      it(title, body);
    },
  };
}

describeReactor("MemoryReactor over WebSockets", () => new InMemory(), chosen());
describeReactor("NodeReactor over WebSockets", () => new OnSockets(), chosen());
