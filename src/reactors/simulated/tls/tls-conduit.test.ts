/**
 * What the contracts cannot see: time, hosts that die, cuts at every byte, and that two runs are
 * the same run.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { ClientFactory, Factory } from "../../../internet/factory.ts";
import type { Failure } from "../../../defer/failure.ts";
import { ConnectionDone, ConnectionLost, ConnectionTimedOut } from "../../../internet/errors.ts";
import type { ITLSClientOptions, ITLSServerOptions } from "../../../internet/interfaces-tls.ts";
import { providesTLS } from "../../../internet/interfaces-tls.ts";
import { Protocol } from "../../../internet/protocol.ts";
import {
  type ClientTLSContent,
  optionsForClientTLS,
} from "../../../internet/tls/client-options.ts";
import {
  CertificateOptions,
  type ServerTLSPolicy,
} from "../../../internet/tls/certificate-options.ts";
import { VerificationError } from "../../../internet/tls/errors.ts";
import type { PrivateCertificate } from "../../../internet/tls/private-certificate.ts";
import { selfSignedCertificate } from "../../../internet/tls/self-signed.ts";
import type { TLSTuning } from "../../../internet/tls/tls-tuning.ts";
import { trustRootFromCertificates } from "../../../internet/tls/trust-root.ts";
import type { SimulatedHost } from "../host.ts";
import { Simulator, type SimulatorOptions } from "../simulator.ts";

const EPOCH = 1_000_000_000;
const DAY = 86_400;
const PORT = 443;
const OLD: TLSTuning = { lowerMaximumSecurityTo: "TLSv1.2" };
const SESSIONS: TLSTuning = { enableSessions: true };

/** A certificate for `server`, good for a day of the simulation. */
function certificate(): Promise<PrivateCertificate> {
  const notBefore = new Date(EPOCH * 1000);
  return selfSignedCertificate({ names: ["server"], days: 1, notBefore }).toPromise();
}

const shared = certificate();

/** Writes down what happens, and when. */
class Talker extends Protocol {
  readonly log: string[] = [];
  reason: Failure | undefined;
  readonly #say: string;

  constructor(say: string) {
    super();
    this.#say = say;
  }

  override connectionMade(): void {
    if (this.#say !== "") this.transport.write(this.#say);
  }

  handshakeCompleted(): void {
    const session = providesTLS(this.transport) ? this.transport.tlsSession : undefined;
    this.log.push(`${session?.version ?? "?"}${session?.resumed === true ? ", resumed" : ""}`);
  }

  override dataReceived(data: Buffer): void {
    this.log.push(data.toString());
  }

  override connectionLost(reason: Failure): void {
    this.reason = reason;
    this.log.push("lost");
  }
}

/** Two hosts, of which one listens. */
class World {
  readonly simulator: Simulator;
  readonly server: SimulatedHost;
  readonly client: SimulatedHost;
  readonly accepted: Talker[] = [];

  constructor(options: SimulatorOptions = {}, latency = 0.1) {
    this.simulator = new Simulator({ epoch: EPOCH, ...options });
    this.simulator.network.default({ latency });
    this.server = this.simulator.addHost("server");
    this.client = this.simulator.addHost("client");
  }

  listen(options: ITLSServerOptions): void {
    const factory = Factory.building(() => {
      const talker = new Talker("welcome");
      this.accepted.push(talker);
      return talker;
    });
    this.server.reactor.listenSSL(PORT, factory, options);
  }

  dial(options: ITLSClientOptions, say = "hello"): Talker {
    const talker = new Talker(say);
    const factory = ClientFactory.building(() => talker);
    this.client.reactor.connectSSL(this.server.ipv4, PORT, factory, options);
    return talker;
  }

  async until(done: () => boolean): Promise<void> {
    assert.equal(await this.simulator.work(done, { events: 100_000 }), "done");
  }

  /** Let it work until then, in seconds. */
  async at(time: number): Promise<void> {
    let isTime = false;
    this.simulator.at(time, {
      happen: () => {
        isTime = true;
      },
    });
    await this.until(() => isTime);
  }
}

/** A server that shows it. */
function showing(shown: PrivateCertificate, policy: ServerTLSPolicy = {}): CertificateOptions {
  const now = (): Date => new Date(EPOCH * 1000);
  return new CertificateOptions({
    privateKey: shown,
    certificate: shown.certificate,
    now,
    ...policy,
  });
}

function trusting(shown: PrivateCertificate, content: ClientTLSContent = {}): ITLSClientOptions {
  return optionsForClientTLS("server", {
    trustRoot: trustRootFromCertificates([shown]),
    ...content,
  });
}

describe("SimulatedTLSConduit, time", () => {
  it("takes as many round trips as RFC 8446 §2 and RFC 5246 §7.3 say", async () => {
    const shown = await shared;
    for (const [version, tuning, first, second] of [
      ["TLSv1.3", SESSIONS, 0.2, 0.2],
      ["TLSv1.2", { ...SESSIONS, ...OLD }, 0.4, 0.2],
    ] as const) {
      const world = new World();
      world.listen(showing(shown, tuning));
      const options = trusting(shown, { extraCertificateOptions: tuning });
      for (const [expected, told] of [
        [first, version],
        [second, `${version}, resumed`],
      ] as const) {
        const begun = world.simulator.now;
        const talker = world.dial(options);
        await world.until(() => talker.log.length > 0);
        assert.closeTo(world.simulator.now - begun - 0.2, expected, 0.001); // TCP's own first.
        assert.equal(talker.log[0], told);
        await world.until(() => talker.log.includes("welcome"));
        talker.transport.loseConnection();
        await world.until(() => world.accepted.at(-1)?.reason !== undefined);
      }
    }
  });

  it("judges certificates by the date of the simulation, and of its own host", async () => {
    const shown = await shared;
    const world = new World();
    world.listen(showing(shown));
    const good = world.dial(trusting(shown));
    await world.until(() => good.log.includes("welcome"));
    world.client.skew = -10;
    const early = world.dial(trusting(shown));
    await world.until(() => early.reason !== undefined);
    world.client.skew = 0;
    await world.at(DAY + 10);
    const late = world.dial(trusting(shown));
    await world.until(() => late.reason !== undefined);
    const whys = [early, late].map(({ reason }) =>
      reason?.value instanceof VerificationError ? reason.value.why : reason?.toString(),
    );
    assert.deepEqual(whys, ["CERT_NOT_YET_VALID", "CERT_HAS_EXPIRED"]);
    assert.isUndefined(good.reason);
  });

  it("does not resume a session after two hours of the simulation", async () => {
    const shown = await shared;
    const world = new World();
    world.listen(showing(shown, SESSIONS));
    const options = trusting(shown, { extraCertificateOptions: SESSIONS });
    const seen: string[] = [];
    for (const time of [0, 100, 7300]) {
      await world.at(time);
      const talker = world.dial(options);
      await world.until(() => talker.log.includes("welcome"));
      seen.push(talker.log[0] ?? "");
    }
    assert.deepEqual(seen, ["TLSv1.3", "TLSv1.3, resumed", "TLSv1.3"]);
  });
});

describe("SimulatedTLSConduit, two runs", () => {
  /** Handshakes of many kinds, over a network that is none too good. */
  async function run(shown: PrivateCertificate, other: PrivateCertificate): Promise<World> {
    const world = new World({ seed: 7, kept: true }, 0.01);
    const link = { latency: [0.001, 0.1], loss: 0.05, segmentation: 0.5, coalescing: 0.3 } as const;
    world.simulator.network.default(link);
    world.listen(showing(shown, { ...SESSIONS, trustRoot: other, requireCertificate: false }));
    const contents: readonly ClientTLSContent[] = [
      {},
      { extraCertificateOptions: SESSIONS },
      { extraCertificateOptions: OLD },
      { clientCertificate: other },
      { clientCertificate: shown },
      { trustRoot: other },
    ];
    for (const content of contents) {
      const options = trusting(shown, content);
      for (let turn = 0; turn < 2; turn += 1) {
        const talker = world.dial(options);
        await world.until(() => talker.log.includes("welcome") || talker.reason !== undefined);
        if (talker.reason === undefined) talker.transport.loseConnection();
        await world.until(() => talker.reason !== undefined);
      }
    }
    return world;
  }

  it("are the same run, though keys and certificates are others", async () => {
    const [one, two] = [
      await run(await certificate(), await certificate()),
      await run(await certificate(), await certificate()),
    ];
    assert.deepEqual(
      two.accepted.map(({ log }) => log),
      one.accepted.map(({ log }) => log),
    );
    assert.equal(two.simulator.trace.hash, one.simulator.trace.hash);
  });

  it("do not know of each other, though they have options in common", async () => {
    const shown = await shared;
    const [server, client] = [
      showing(shown, SESSIONS),
      trusting(shown, { extraCertificateOptions: SESSIONS }),
    ];
    const hashes: string[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const world = new World();
      world.listen(server);
      const talker = world.dial(client);
      await world.until(() => talker.log.includes("welcome"));
      assert.equal(talker.log[0], "TLSv1.3");
      hashes.push(world.simulator.trace.hash);
    }
    assert.equal(hashes[0], hashes[1]);
  });

  it("tell in the trace what was agreed on, and what went wrong", async () => {
    const world = await run(await certificate(), await certificate());
    const texts = world.simulator.trace.events
      .filter(({ kind }) => kind === "TLS")
      .map(({ text }) => text);
    assert.include(texts, "TLSv1.3 TLS_AES_256_GCM_SHA384 server");
    assert.include(texts, "TLSv1.3 TLS_AES_256_GCM_SHA384 server resumed");
    assert.include(texts, "DEPTH_ZERO_SELF_SIGNED_CERT");
  });
});

describe("SimulatedTLSConduit, hosts that die", () => {
  it("a server that loses power in the handshake: the client gives up in time", async () => {
    const shown = await shared;
    const world = new World();
    world.listen(showing(shown, OLD));
    const talker = world.dial(trusting(shown));
    await world.until(() => world.accepted.length === 1);
    world.server.powerOff();
    const begun = world.simulator.now;
    await world.until(() => talker.reason !== undefined);
    assert.instanceOf(talker.reason?.value, ConnectionTimedOut);
    assert.closeTo(world.simulator.now - begun, 30, 0.2);
  });

  it("a server that is killed in the handshake: ConnectionLost, which says so", async () => {
    const shown = await shared;
    const world = new World();
    world.listen(showing(shown, OLD));
    const talker = world.dial(trusting(shown));
    await world.until(() => world.accepted.length === 1);
    world.server.kill();
    await world.until(() => talker.reason !== undefined);
    assert.instanceOf(talker.reason?.value, ConnectionLost);
    assert.include(talker.reason?.value.message, "handshake");
  });

  it("a server that is killed later: ConnectionLost, not done, RFC 8446 §6.1", async () => {
    const shown = await shared;
    const world = new World();
    world.listen(showing(shown));
    const talker = world.dial(trusting(shown));
    await world.until(() => talker.log.includes("welcome"));
    world.server.kill();
    await world.until(() => talker.reason !== undefined);
    assert.isFalse(talker.reason?.is(ConnectionDone));
    assert.instanceOf(talker.reason?.value, ConnectionLost);
  });

  it("a server that is started anew knows no sessions of the one before", async () => {
    const shown = await shared;
    const world = new World();
    const server = showing(shown, SESSIONS);
    world.server.start(() => world.listen(server));
    const options = trusting(shown, { extraCertificateOptions: SESSIONS });
    const first = world.dial(options);
    await world.until(() => first.log.includes("welcome"));
    world.server.kill();
    world.server.start();
    await world.until(() => first.reason !== undefined);
    const second = world.dial(options);
    await world.until(() => second.log.includes("welcome"));
    assert.equal(second.log[0], "TLSv1.3");
  });
});
