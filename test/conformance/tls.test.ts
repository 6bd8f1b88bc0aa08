/**
 * The contracts hold over TLS as well: of both versions, on a socket's handle or on a stream, and
 * inside of another transport.
 *
 * @module
 */
import { afterAll, assert, describe, it } from "vitest";
import { describeReactor } from "../../src/testing/contracts/describe-reactor.ts";
import type { TestRunner } from "../../src/testing/contracts/harness.ts";
import type { Network } from "../../src/testing/contracts/network.ts";
import { closeSilentPorts, NodeHarness, UNIXHarness } from "./node-harness.ts";
import { SimulatedHarness, SimulatedUNIXHarness } from "./simulated-harness.ts";
import { type BothOptions, bothOptions, layeredNetwork, sslNetwork } from "./tls-networks.ts";

afterAll(closeSilentPorts);

/** `listenSSL` and `connectSSL`. */
class SSLHarness extends NodeHarness {
  readonly network: Network;

  constructor(options: BothOptions) {
    super();
    this.network = sslNetwork(this.reactor, this.host, options);
  }
}

const { get } = Reflect;

/** Finds nothing where a socket's handle is asked to read. */
function getWithoutReadStart(target: object, key: PropertyKey): unknown {
  return key === "readStart" ? undefined : get(target, key);
}

/** As on a platform whose handles are not as we know them: TLS sits on a stream. */
class BridgeHarness extends SSLHarness {
  constructor(options: BothOptions) {
    super(options);
    Object.defineProperty(Reflect, "get", { value: getWithoutReadStart });
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    Object.defineProperty(Reflect, "get", { value: get });
  }
}

/** TLS as a layer inside of UNIX sockets. */
class LayeredHarness extends UNIXHarness {
  override readonly network: Network;
  readonly exempt = BELOW;

  constructor(options: BothOptions) {
    super();
    this.network = layeredNetwork(this.reactor, () => this.socketPath(), options);
  }
}

/** TLS of a simulation: another one, with the same contracts. */
class SimulatedSSLHarness extends SimulatedHarness {
  readonly network: Network;

  constructor(options: BothOptions, how?: ConstructorParameters<typeof SimulatedHarness>[0]) {
    super(how);
    this.network = sslNetwork(this.reactor, this.host, options);
  }
}

/** The same, as a layer inside of UNIX sockets. */
class SimulatedLayeredHarness extends SimulatedUNIXHarness {
  override readonly network: Network;
  override readonly exempt = BELOW;

  constructor(options: BothOptions) {
    super();
    this.network = layeredNetwork(this.reactor, () => this.socketPath(), options);
  }
}

/** Cut, put together, late, out of order between connections, and little at a time. */
const HARSH = {
  seed: 1,
  loopback: {
    latency: [0.000_01, 0.0001],
    segmentation: 0.5,
    coalescing: 0.2,
    window: 4096,
    sendBuffer: 4096,
  },
  shuffled: true,
  passTime: 0.001,
} as const;

/** What is said of ports and connectors is, in a layer, said of those below. */
const BELOW: ReadonlyMap<string, string> = new Map(
  [
    "connections has those that were accepted and have not ended",
    "state: connecting, connected, disconnected",
    "clientConnectionLost() comes after connectionLost(), with its reason",
    "disconnect() while connected closes in good order",
    "a hundred connections made and lost leave nothing behind",
  ].map((title) => [title, "about the connection below the layer, which ends after it"]),
);

/** These bring transports of their own, and are tried with TLS 1.3 alone. */
const OTHERS = new Set([
  "UNIX sockets",
  "the files of UNIX sockets",
  "processes",
  "the pipes of processes",
  "signals for processes",
  "the output of processes",
  "connections to processes",
  "streams as transports",
  "streams that break",
]);

const runner = { describe, it };
/** Tries what is about connections, whatever they run over. */
const narrow: TestRunner = {
  describe: (name, body) => {
    if (OTHERS.has(name)) return;
    describe(name, () => {
      body();
    });
  },
  it,
};

describeReactor(
  "NodeReactor over TLS 1.3",
  async () => new SSLHarness(await bothOptions()),
  runner,
);
describeReactor(
  "NodeReactor over TLS 1.2",
  async () => new SSLHarness(await bothOptions({ lowerMaximumSecurityTo: "TLSv1.2" })),
  narrow,
);
describeReactor(
  "NodeReactor over TLS on a stream",
  async () => new BridgeHarness(await bothOptions()),
  narrow,
);
describeReactor(
  "NodeReactor over TLS in a UNIX socket",
  async () => new LayeredHarness(await bothOptions()),
  narrow,
);

describeReactor(
  "SimulatedReactor over TLS, benign",
  async () => new SimulatedSSLHarness(await bothOptions()),
  narrow,
);
describeReactor(
  "SimulatedReactor over TLS 1.2, benign",
  async () => new SimulatedSSLHarness(await bothOptions({ lowerMaximumSecurityTo: "TLSv1.2" })),
  narrow,
);
describeReactor(
  "SimulatedReactor over TLS, harsh",
  async () => new SimulatedSSLHarness(await bothOptions(), HARSH),
  narrow,
);
describeReactor(
  "SimulatedReactor over TLS in a UNIX socket",
  async () => new SimulatedLayeredHarness(await bothOptions()),
  narrow,
);

it("nothing is left out that there is not", () => {
  const names: string[] = [];
  describeReactor("its names", () => new NodeHarness(), {
    describe: (name, body) => {
      names.push(name);
      body();
    },
    it: (title) => names.push(title),
  });
  assert.includeMembers(names, [...OTHERS, ...BELOW.keys()]);
});
