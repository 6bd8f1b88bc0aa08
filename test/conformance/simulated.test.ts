/**
 * The simulated reactor keeps the contracts that every reactor keeps: on a network that does
 * nothing worse than it must, and on harsh ones. `SENNIT_SEEDS=100` tries more of those.
 *
 * @module
 */
import { describe, it } from "vitest";
import { describeReactor } from "../../src/testing/contracts/describe-reactor.ts";
import type { TestRunner } from "../../src/testing/contracts/harness.ts";
import {
  SimulatedHarness,
  type SimulatedHarnessOptions,
  SimulatedUNIXHarness,
} from "./simulated-harness.ts";

const runner: TestRunner = { describe, it };
/** TLS takes half of the time: the first seeds try it. */
const withoutTLS: TestRunner = {
  describe: (name, body) => {
    if (name.includes("TLS")) return;
    describe(name, () => {
      body();
    });
  },
  it,
};

describeReactor("SimulatedReactor, benign", () => new SimulatedHarness(), runner);
describeReactor(
  "SimulatedReactor over UNIX sockets, benign",
  () => new SimulatedUNIXHarness(),
  runner,
);

/** Cut, put together, late, out of order between connections, and little at a time. */
const HARSH: SimulatedHarnessOptions = {
  loopback: {
    latency: [0.000_01, 0.0001],
    segmentation: 0.5,
    coalescing: 0.2,
    window: 32_768,
    sendBuffer: 16_384,
  },
  shuffled: true,
  passTime: 0.001,
};

/** The same, and what is lost is sent again only after a while. */
const LOSSY: SimulatedHarnessOptions = {
  ...HARSH,
  // A datagram that is lost is lost: what contracts send must come.
  loopback: { ...HARSH.loopback, loss: 0.05, datagramLoss: 0 },
  passTime: 0.1,
  exempt: new Map([
    ["a reset that was not noticed makes the last words ConnectionLost", "resets may be lost"],
    ["a peer that resets in the handshake: ConnectionLost", "resets may be lost"],
    [
      "handshakeTimeout is nothing to a connection whose handshake is done",
      "a loss may take longer than that timeout",
    ],
    [
      "abortConnection() from inside connectionMade()",
      "the reset may come before the handshake's end, and nobody is accepted",
    ],
    ["closeTimeout starts again with each progress", "a loss may take longer than that timeout"],
  ]),
};

const seeds = Number(process.env["SENNIT_SEEDS"] ?? 10);
for (let seed = 1; seed <= seeds; seed += 1) {
  const lossy = seed % 2 === 0;
  const name = `SimulatedReactor, ${lossy ? "lossy" : "harsh"}, seed ${String(seed)}`;
  const network = lossy ? LOSSY : HARSH;
  // Small windows make ten times as many events: two seeds have them.
  const narrow = seed <= 2 && { window: 4096, sendBuffer: 4096 };
  const options = { ...network, loopback: { ...network.loopback, ...narrow }, seed };
  describeReactor(name, () => new SimulatedHarness(options), seed <= 4 ? runner : withoutTLS);
}

describeReactor(
  "SimulatedReactor over UNIX sockets, harsh",
  () => new SimulatedUNIXHarness({ ...HARSH, seed: 1 }),
  runner,
);
