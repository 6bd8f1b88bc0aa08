/**
 * LineReceiver and startTLS: what comes glued behind the command is never read as plain lines.
 *
 * @module
 */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, beforeAll, describe, it } from "vitest";
import type { Failure } from "../defer/failure.ts";
import {
  type ITLSClientOptions,
  type ITLSServerOptions,
  providesTLS,
} from "../internet/interfaces-tls.ts";
import { optionsForClientTLS } from "../internet/tls/client-options.ts";
import { TLSHandshakeError } from "../internet/tls/errors.ts";
import { selfSignedCertificate } from "../internet/tls/self-signed.ts";
import { trustRootFromCertificates } from "../internet/tls/trust-root.ts";
import { NodeReactor } from "../reactors/node/node-reactor.ts";
import { StreamEnd } from "../testing/contracts/stream-pair.ts";
import { LineReceiver } from "./line-receiver.ts";

/** Passes of the loop that anything here may take. */
const PASSES_MAX = 10_000;

let serverOptions: ITLSServerOptions;
let clientOptions: ITLSClientOptions;

beforeAll(async () => {
  const certificate = await selfSignedCertificate({ names: ["localhost"] });
  const trustRoot = trustRootFromCertificates([certificate]);
  serverOptions = certificate.options();
  clientOptions = optionsForClientTLS("localhost", { trustRoot });
});

/** Begins TLS at the line `STARTTLS`. */
class Upgrading extends LineReceiver {
  readonly lines: string[] = [];
  reason: Error | undefined;
  readonly #options: ITLSServerOptions | ITLSClientOptions;

  constructor(options: ITLSServerOptions | ITLSClientOptions) {
    super();
    this.#options = options;
  }

  override lineReceived(line: Buffer): void {
    this.lines.push(line.toString());
    if (line.toString() === "STARTTLS") this.commanded();
  }

  protected commanded(): void {
    this.begin();
  }

  begin(): void {
    const { transport } = this;
    assert(providesTLS(transport));
    transport.startTLS(this.#options);
  }

  handshakeCompleted(): void {
    this.lines.push("(TLS)");
  }

  override connectionLost(reason: Failure): void {
    this.reason = reason.value;
  }
}

/** Thinks about it first, and reads nothing meanwhile. */
class Pondering extends Upgrading {
  protected override commanded(): void {
    this.pauseProducing();
  }
}

/** Takes what follows the command for bytes. */
class Raw extends Upgrading {
  readonly raw: string[] = [];

  protected override commanded(): void {
    this.setRawMode();
    this.begin();
  }

  override rawDataReceived(data: Buffer): void {
    this.raw.push(data.toString());
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let passes = 0; !holds(); passes += 1) {
    assert.isBelow(passes, PASSES_MAX, `waited for ${holds.toString()}`);
    await nextPass();
  }
}

describe("LineReceiver and startTLS()", () => {
  for (const role of ["server", "client"] as const) {
    it(`as ${role}: lines glued behind the command are never received`, async () => {
      await using reactor = new NodeReactor();
      const [near, far] = StreamEnd.pair();
      const upgrading = new Upgrading(role === "server" ? serverOptions : clientOptions);
      reactor.connectStream(near, upgrading);
      far.write("EHLO x\r\nSTARTTLS\r\nRCPT TO:<victim>\r\nDATA\r\n");
      far.write("more of it\r\n");
      await until(() => upgrading.reason !== undefined);
      assert.deepEqual(upgrading.lines, ["EHLO x", "STARTTLS"]);
      assert.instanceOf(upgrading.reason, TLSHandshakeError);
      assert.equal(upgrading.clearLineBuffer().length, 0, "bytes kept for later");
    });
  }

  it("nor are they when TLS is begun later, and reading was paused until then", async () => {
    await using reactor = new NodeReactor();
    const [near, far] = StreamEnd.pair();
    const pondering = new Pondering(serverOptions);
    reactor.connectStream(near, pondering);
    far.write("STARTTLS\r\nRCPT TO:<victim>\r\n");
    await until(() => pondering.paused);
    pondering.begin();
    pondering.resumeProducing();
    await until(() => pondering.reason !== undefined);
    assert.deepEqual(pondering.lines, ["STARTTLS"]);
    assert.instanceOf(pondering.reason, TLSHandshakeError);
  });

  it("nor as raw bytes", async () => {
    await using reactor = new NodeReactor();
    const [near, far] = StreamEnd.pair();
    const raw = new Raw(serverOptions);
    reactor.connectStream(near, raw);
    far.write("STARTTLS\r\nraw bytes");
    await until(() => raw.reason !== undefined);
    assert.deepEqual([raw.lines, raw.raw], [["STARTTLS"], []]);
  });

  it("a client that does not wait for the answer is understood, and lines go on", async () => {
    await using reactor = new NodeReactor();
    const [near, far] = StreamEnd.pair();
    const server = new Upgrading(serverOptions);
    const client = new Upgrading(clientOptions);
    reactor.connectStream(near, server);
    reactor.connectStream(far, client);
    client.sendLine("EHLO x");
    client.sendLine("STARTTLS");
    client.begin();
    client.sendLine("NOOP");
    await until(() => server.lines.length === 4);
    assert.deepEqual(server.lines, ["EHLO x", "STARTTLS", "(TLS)", "NOOP"]);
    server.sendLine("250 done");
    await until(() => client.lines.at(-1) === "250 done");
    client.transport.loseConnection();
    await until(() => server.reason !== undefined);
  });

  it("the answer goes out plain, what follows it does not", async () => {
    await using reactor = new NodeReactor();
    const [near, far] = StreamEnd.pair();
    const server = new (class extends Upgrading {
      protected override commanded(): void {
        this.sendLine("220 go ahead");
        this.begin();
        this.sendLine("250 a secret");
      }
    })(serverOptions);
    const client = new (class extends Upgrading {
      override lineReceived(line: Buffer): void {
        super.lineReceived(line);
        if (line.toString() === "220 go ahead") this.begin();
      }
    })(clientOptions);
    reactor.connectStream(near, server);
    reactor.connectStream(far, client);
    client.sendLine("STARTTLS");
    await until(() => client.lines.length === 3);
    assert.deepEqual(client.lines, ["220 go ahead", "(TLS)", "250 a secret"]);
  });
});
