/**
 * The bytes of a connection, cut at every place, and changed at every place.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { ConnectionLost } from "../../../internet/errors.ts";
import type { ITLSClientOptions, ITLSServerOptions } from "../../../internet/interfaces-tls.ts";
import { optionsForClientTLS } from "../../../internet/tls/client-options.ts";
import type { PrivateCertificate } from "../../../internet/tls/private-certificate.ts";
import { CertificateOptions } from "../../../internet/tls/certificate-options.ts";
import { selfSignedCertificate } from "../../../internet/tls/self-signed.ts";
import type { TLSTuning } from "../../../internet/tls/tls-tuning.ts";
import { trustRootFromCertificates } from "../../../internet/tls/trust-root.ts";
import type { Conduit, ConduitOwner } from "../../base/conduit.ts";
import { Simulator } from "../simulator.ts";
import { SimulatedTLSConduit } from "./tls-conduit.ts";

const EPOCH = 1_000_000_000;
const NOT_BEFORE = new Date(EPOCH * 1000);
const certificate = selfSignedCertificate({ names: ["server"], notBefore: NOT_BEFORE }).toPromise();

/** What becomes of the bytes of one direction: pieces, of which each arrives by itself. */
type Treat = (bytes: Buffer, from: number) => readonly Buffer[];

/** One end of a wire without latency. */
class WireEnd implements Conduit {
  owner: ConduitOwner | undefined;
  peer: WireEnd | undefined;
  /** Bytes that have been sent. */
  sent = 0;
  dropped = false;
  readonly #simulator: Simulator;
  readonly #treat: Treat;

  constructor(simulator: Simulator, treat: Treat) {
    this.#simulator = simulator;
    this.#treat = treat;
  }

  send(chunks: readonly Uint8Array[]): boolean {
    const bytes = Buffer.concat(chunks);
    for (const piece of this.#treat(bytes, this.sent)) {
      this.#later((owner) => owner.bytesReceived(piece));
    }
    this.sent += bytes.length;
    return true;
  }

  #later(tell: (owner: ConduitOwner) => void): void {
    this.#simulator.after(0, {
      happen: () => {
        if (this.peer?.owner !== undefined) tell(this.peer.owner);
      },
    });
  }

  startReading(): void {}
  stopReading(): void {}

  shutdown(): void {
    this.#later((owner) => owner.endReceived());
  }

  close(): void {
    this.shutdown();
  }

  reset(): void {
    this.shutdown();
  }

  drop(): void {
    this.dropped = true;
    this.shutdown();
  }
}

/** Writes down what it is told, and answers. */
class Listener implements ConduitOwner {
  readonly log: string[] = [];
  error: Error | undefined;
  received = "";
  readonly #conduit: SimulatedTLSConduit;

  constructor(conduit: SimulatedTLSConduit, says: string) {
    this.#conduit = conduit;
    conduit.owner = this;
    conduit.startReading();
    conduit.send([Buffer.from(says)]);
  }

  bytesReceived(data: Buffer): void {
    this.received += data.toString();
    if (this.received.endsWith("bye")) this.#conduit.shutdown();
  }

  endReceived(): void {
    this.log.push("end");
    this.#conduit.close();
  }

  connectionFailed(error: Error): void {
    this.log.push("failed");
    this.error = error;
  }

  bytesSent(): void {
    this.log.push("sent");
  }

  handshakeDone(): void {
    const { version = "none", resumed = false } = this.#conduit.session ?? {};
    this.log.push(`${version} ${String(resumed)}`);
  }
}

/** Both sides' options; sessions go on where a simulator is used twice. */
interface Options {
  readonly server: ITLSServerOptions;
  readonly client: ITLSClientOptions;
}

function optionsOf(shown: PrivateCertificate, tuning: TLSTuning): Options {
  const trustRoot = trustRootFromCertificates([shown]);
  const content = { privateKey: shown, certificate: shown.certificate, now: () => NOT_BEFORE };
  return {
    server: new CertificateOptions({ ...content, ...tuning, trustRoot: shown }),
    client: optionsForClientTLS("server", {
      trustRoot,
      clientCertificate: shown,
      extraCertificateOptions: tuning,
    }),
  };
}

interface Outcome {
  readonly server: Listener;
  readonly client: Listener;
  /** How many bytes went there, and back. */
  readonly bytes: readonly [number, number];
}

const AS_IT_IS: Treat = (bytes) => [bytes];

async function talk(options: Options, there: Treat = AS_IT_IS, back = there): Promise<Outcome> {
  const simulator = new Simulator({ epoch: EPOCH });
  const { reactor } = simulator.addHost("both");
  const [near, far] = [new WireEnd(simulator, there), new WireEnd(simulator, back)];
  near.peer = far;
  far.peer = near;
  const limits = { handshakeTimeout: 1 };
  const make = (lower: Conduit, role: "server" | "client"): SimulatedTLSConduit =>
    new SimulatedTLSConduit({ reactor, lower, options: options[role], limits });
  const server = new Listener(make(far, "server"), "welcome, and bye");
  const client = new Listener(make(near, "client"), "hello, and bye");
  assert.equal(await simulator.work(() => false, { events: 10_000 }), "idle");
  return { server, client, bytes: [near.sent, far.sent] };
}

function told({ server, client }: Outcome): unknown {
  return [server, client].map(({ log, received, error }) => [log, received, error?.message]);
}

const VERSIONS = [
  ["TLS 1.3", {}],
  ["TLS 1.2", { lowerMaximumSecurityTo: "TLSv1.2" }],
] as const;

describe("SimulatedTLSConduit, cuts", () => {
  for (const [name, tuning] of VERSIONS) {
    it(`${name}: a cut at any byte of either direction changes nothing`, async () => {
      const options = optionsOf(await certificate, { ...tuning, enableSessions: true });
      const whole = await talk(options);
      assert.equal(whole.server.received, "hello, and bye");
      assert.equal(whole.client.received, "welcome, and bye");
      assert.deepEqual(whole.client.log.at(-1), "end");
      const cutAt =
        (place: number): Treat =>
        (bytes, from) => {
          const cut = place - from;
          if (cut <= 0 || cut >= bytes.length) return [bytes];
          return [bytes.subarray(0, cut), bytes.subarray(cut)];
        };
      const longest = Math.max(...whole.bytes);
      for (let place = 1; place < longest; place += 1) {
        assert.deepEqual(
          told(await talk(options, cutAt(place))),
          told(whole),
          `at ${String(place)}`,
        );
      }
    });

    it(`${name}: nor do bytes that come one by one`, async () => {
      const options = optionsOf(await certificate, tuning);
      const bytewise: Treat = (bytes) => [...bytes].map((byte) => Buffer.of(byte));
      assert.deepEqual(told(await talk(options, bytewise)), told(await talk(options)));
    });

    it(`${name}: an end at any byte is an end of the handshake, or a cut`, async () => {
      const options = optionsOf(await certificate, tuning);
      const { bytes } = await talk(options);
      for (let place = 0; place < bytes[1]; place += 7) {
        const until: Treat = (all, from) => [all.subarray(0, Math.max(0, place - from))];
        const { client } = await talk(options, AS_IT_IS, until);
        if (client.log.includes("end")) continue; // All but the last alert's record.
        assert.instanceOf(client.error, ConnectionLost, `at ${String(place)}`);
        assert.isTrue("welcome, and bye".startsWith(client.received));
      }
    });
  }
});

describe("SimulatedTLSConduit, bytes", () => {
  for (const [name, tuning] of VERSIONS) {
    it(`${name}: have nothing of a certificate in them, and the plain text`, async () => {
      const shown = await certificate;
      const seen: Buffer[] = [];
      await talk(optionsOf(shown, tuning), (bytes) => {
        seen.push(bytes);
        return [bytes];
      });
      const holds = (part: Buffer | string): boolean => Buffer.concat(seen).includes(part);
      assert.isFalse(holds(shown.raw.subarray(0, 16)));
      assert.isTrue(holds("welcome, and bye"));
    });
  }
});

describe("SimulatedTLSConduit, changed bytes", () => {
  for (const [name, tuning] of VERSIONS) {
    it(`${name}: nobody hears what was not said, and nothing is thrown`, async () => {
      const options = optionsOf(await certificate, tuning);
      const { bytes } = await talk(options);
      const changed =
        (place: number): Treat =>
        (all, from) => {
          const at = place - from;
          if (at < 0 || at >= all.length) return [all];
          const copy = Buffer.from(all);
          copy.writeUInt8(copy.readUInt8(at) ^ 0x11, at);
          return [copy];
        };
      for (const direction of [0, 1] as const) {
        for (let place = 0; place < bytes[direction]; place += 3) {
          const treats = [AS_IT_IS, AS_IT_IS];
          treats[direction] = changed(place);
          const { server, client } = await talk(options, treats[0], treats[1]);
          assert.isTrue("hello, and bye".startsWith(server.received), `at ${String(place)}`);
          assert.isTrue("welcome, and bye".startsWith(client.received), `at ${String(place)}`);
          const errors = [server.error, client.error].filter((error) => error !== undefined);
          assert.isAbove(errors.length, 0, `at ${String(place)}`);
          for (const error of errors) assert.instanceOf(error, ConnectionLost);
        }
      }
    });
  }
});
