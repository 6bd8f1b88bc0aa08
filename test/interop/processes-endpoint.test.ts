/**
 * Protocols that speak with programs which others wrote, through `ProcessEndpoint`.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, describe, it, type TestContext } from "vitest";
import type { Failure } from "../../src/defer/failure.ts";
import { IPv4Address } from "../../src/internet/addresses.ts";
import { connectProtocol } from "../../src/internet/endpoints/connect-protocol.ts";
import { ProcessEndpoint } from "../../src/internet/endpoints/process-endpoint.ts";
import { ConnectionDone } from "../../src/internet/errors.ts";
import { Factory } from "../../src/internet/factory.ts";
import type { IListeningPort } from "../../src/internet/interfaces-factory.ts";
import type { TLSLayer, TLSSettings } from "../../src/internet/interfaces-tls.ts";
import type { IProtocol } from "../../src/internet/interfaces-transport.ts";
import { ProcessTerminated } from "../../src/internet/process-errors.ts";
import { Protocol } from "../../src/internet/protocol.ts";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { HalfCloseWitness, Witness } from "../../src/testing/contracts/witness.ts";
import { Watch } from "./fixtures/lines/watch.ts";
import { peer, pythonPeer } from "./peers.ts";

const socat = peer("socat", "socat");
const openssl = peer("openssl", "openssl");
const twisted = pythonPeer("twisted", "python3-twisted");
const MIB = 1 << 20;

class Echo extends Protocol {
  override dataReceived(data: Buffer): void {
    this.transport.write(data);
  }
}

/** A witness that can be waited for. */
function watched<W extends Witness>(
  make: (changed: () => void) => W,
): {
  readonly witness: W;
  readonly until: (what: string, holds: () => boolean) => Promise<void>;
} {
  const watch = new Watch("the protocol", () => witness.text.slice(-200));
  const witness = make(() => watch.changed());
  return {
    witness,
    until: async (what, holds) => {
      await watch.until(what, () => (holds() ? true : null));
    },
  };
}

function plain(): ReturnType<typeof watched<Witness>> {
  return watched((changed) => new Witness({ data: changed, lost: changed }));
}

function reactorOf(context: TestContext): NodeReactor {
  const reactor = new NodeReactor();
  context.onTestFinished(() => reactor[Symbol.asyncDispose]());
  return reactor;
}

/** A program that hands on what it is told to that port, and back. */
function relay(context: TestContext, reactor: NodeReactor, port: IListeningPort): ProcessEndpoint {
  const executable = socat.path(context);
  const address = port.getHost();
  assert(address instanceof IPv4Address);
  const args = ["socat", "-t", "10", "-", `TCP:127.0.0.1:${String(address.port)}`];
  return new ProcessEndpoint(reactor, executable, { args });
}

async function listen(reactor: NodeReactor, build: () => IProtocol): Promise<IListeningPort> {
  const factory = Factory.building(build);
  factory.noisy = false;
  return reactor.listenTCP(0, factory, { interface: "127.0.0.1" }).listening;
}

describe("socat", () => {
  it("16 MiB there and back; half-closing ends it in good order", async (context) => {
    const reactor = reactorOf(context);
    const port = await listen(reactor, () => new Echo());
    const { witness, until } = watched(
      (changed) => new HalfCloseWitness({ data: changed, lost: changed }),
    );
    await connectProtocol(relay(context, reactor, port), witness);
    const data = Buffer.alloc(16 * MIB, "0123456789abcdef!");
    witness.write(data);
    witness.loseWrite();
    await until("the end", () => witness.reason !== undefined);
    assert.isTrue(Buffer.concat(witness.pieces).equals(data));
    assert.instanceOf(witness.reason?.value, ConnectionDone);
    assert.deepEqual(witness.violations, []);
    assert.deepEqual(
      witness.calls.filter((call) => call !== "dataReceived"),
      ["connectionMade", "writeConnectionLost", "readConnectionLost", "connectionLost"],
    );
  });

  it("nobody listens: what it says is logged, its exit code is the reason", async (context) => {
    const reactor = reactorOf(context);
    const port = await listen(reactor, () => new Echo());
    await port.stopListening();
    const { witness, until } = plain();
    await connectProtocol(relay(context, reactor, port), witness);
    await until("the end", () => witness.reason !== undefined);
    const error = witness.reason?.value;
    assert.instanceOf(error, ProcessTerminated);
    assert.equal(error.exitCode, 1);
  });

  it("a peer behind it that never reads: bytes are held, the abort ends all", async (context) => {
    const reactor = reactorOf(context);
    const servers: Witness[] = [];
    const server = watched((changed) => {
      const made = (one: Witness): void => {
        one.pause();
        changed();
      };
      return new Witness({ made, lost: changed });
    });
    const port = await listen(reactor, () => {
      servers.push(server.witness);
      return server.witness;
    });
    const { witness, until } = plain();
    await connectProtocol(relay(context, reactor, port), witness);
    witness.write(Buffer.alloc(32 * MIB));
    await server.until("the server's side", () => server.witness.made);
    assert.isAbove(witness.transport.bufferedBytes, 16 * MIB);
    witness.abort();
    await until("the end", () => witness.reason !== undefined);
    assert.equal(witness.transport.bufferedBytes, 0);
    server.witness.resume();
    await server.until("the end of the server's side", () => servers[0]?.reason !== undefined);
  });
});

describe("Twisted's StandardIO", () => {
  it("speaks lines, and exits with what it was told", async (context) => {
    const reactor = reactorOf(context);
    const python = twisted.path(context);
    const script = fileURLToPath(new URL("fixtures/processes/stdio_lines.py", import.meta.url));
    const endpoint = new ProcessEndpoint(reactor, python, { args: ["python", "-u", script] });
    const { witness, until } = plain();
    await connectProtocol(endpoint, witness);
    await until("its greeting", () => witness.text.includes("ready\n"));
    for (const line of ["one", "zwei", "ü"]) witness.write(`${line}\n`);
    await until("its answers", () => witness.text.includes("Ü\n"));
    assert.equal(witness.text, "ready\nONE\nZWEI\nÜ\n");
    witness.write("exit 3\n");
    await until("the end", () => witness.reason !== undefined);
    const error = witness.reason?.value;
    assert.instanceOf(error, ProcessTerminated);
    assert.equal(error.exitCode, 3);
    assert.deepEqual(witness.violations, []);
  });
});

/** The lower half of TLS: the protocol of a connection to a process. */
class Below extends Protocol {
  readonly #layer: (below: Below) => TLSLayer;
  readonly #upper: IProtocol;
  #tls: TLSLayer | undefined;

  constructor(upper: IProtocol, layer: (below: Below) => TLSLayer) {
    super();
    this.#upper = upper;
    this.#layer = layer;
  }

  override connectionMade(): void {
    this.#tls = this.#layer(this);
    this.#tls.begin(this.#upper);
  }

  override dataReceived(data: Buffer): void {
    this.#tls?.dataReceived(data);
  }

  override connectionLost(reason: Failure): void {
    this.#tls?.connectionLost(reason);
  }
}

it("TLS runs on a connection to a process", async (context) => {
  const reactor = reactorOf(context);
  const folder = mkdtempSync(join(tmpdir(), "sennit-"));
  context.onTestFinished(() => rmSync(folder, { recursive: true }));
  const [key, certificate] = ["key.pem", "certificate.pem"].map((name) => join(folder, name));
  assert(key !== undefined && certificate !== undefined);
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"];
  const names = ["-addext", "subjectAltName=DNS:localhost", "-days", "2"];
  const files = ["-keyout", key, "-out", certificate];
  execFileSync(openssl.path(context), [...request, ...names, ...files], { stdio: "ignore" });

  const settings: TLSSettings = {
    trustRoot: [readFileSync(certificate, "utf8")],
    requireCertificate: false,
    minimum: "TLSv1.2",
    maximum: "TLSv1.3",
    ciphers: undefined,
    acceptableProtocols: [],
    dhParameters: undefined,
    sessions: false,
  };
  const own: TLSSettings = {
    ...settings,
    trustRoot: undefined,
    privateKey: readFileSync(key, "utf8"),
    certificate: readFileSync(certificate, "utf8"),
  };
  const factory = Factory.building(() => new Echo());
  factory.noisy = false;
  const server = { role: "server", settingsFor: () => own } as const;
  const limits = { interface: "127.0.0.1" };
  const port = await reactor.listenSSL(0, factory, server, limits).listening;

  const { witness, until } = plain();
  const client = { role: "client", hostname: "localhost", verifyHostname: true, settings } as const;
  const below = new Below(witness, ({ transport }) => reactor.layerTLS(transport, client));
  await connectProtocol(relay(context, reactor, port), below);
  const data = Buffer.alloc(MIB, "in private ");
  witness.write(data);
  await until("all of it", () => witness.bytes >= MIB);
  assert.isTrue(Buffer.concat(witness.pieces).equals(data));
  witness.lose();
  await until("the end", () => witness.reason !== undefined);
  assert.deepEqual(witness.violations, []);
});
