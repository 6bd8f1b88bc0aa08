/**
 * The PROXY protocol and TLS: the header before TLS, inside of it, and TLS that is begun later.
 *
 * @module
 */
import {
  clientFromString,
  connectProtocol,
  Factory,
  HAProxyWrappingFactory,
  IPv4Address,
  type IListeningPort,
  type IStreamTransport,
} from "sennit/internet";
import { NodeReactor } from "sennit/reactors";
import {
  type ITLSClientOptions,
  type ITLSServerOptions,
  optionsForClientTLS,
  providesTLS,
  selfSignedCertificate,
  TLSMemoryBIOFactory,
  trustRootFromCertificates,
} from "sennit/tls";
import { assert, describe, it, type TestContext } from "vitest";
import { LinePeer } from "./fixtures/lines/line-peer.ts";

const HEADER = "PROXY TCP4 192.0.2.7 203.0.113.1 56324 443";

/** A certificate of ours, and a reactor that ends with the test. */
async function setting(context: TestContext): Promise<{
  readonly reactor: NodeReactor;
  readonly server: ITLSServerOptions;
  readonly client: ITLSClientOptions;
}> {
  const reactor = new NodeReactor();
  context.onTestFinished(() => reactor[Symbol.asyncDispose]());
  const certificate = await selfSignedCertificate({ names: ["localhost"] });
  const trustRoot = trustRootFromCertificates([certificate]);
  const client = optionsForClientTLS("localhost", { trustRoot });
  return { reactor, server: certificate.options(), client };
}

function startTLS(
  transport: IStreamTransport,
  options: ITLSServerOptions | ITLSClientOptions,
): void {
  assert(providesTLS(transport));
  transport.startTLS(options);
}

/** Tells also of its handshake, and who it believes to talk to. */
class SecurePeer extends LinePeer {
  override connectionMade(): void {
    this.happened(`made ${this.transport.getPeer().toString()}`);
  }

  handshakeCompleted(): void {
    assert(providesTLS(this.transport));
    this.happened(`handshake ${this.transport.tlsSession?.version ?? "of nothing"}`);
  }
}

async function connectTo(reactor: NodeReactor, port: IListeningPort): Promise<LinePeer> {
  const host = port.getHost();
  assert.instanceOf(host, IPv4Address);
  const endpoint = clientFromString(reactor, `tcp:127.0.0.1:${String(host.port)}`);
  return connectProtocol(endpoint, new LinePeer());
}

async function expectEvents(peer: LinePeer, events: readonly string[]): Promise<void> {
  for (const event of events) assert.equal(await peer.next(), event);
}

const LOCAL = { interface: "127.0.0.1" };
const MADE = "made 192.0.2.7:56324";

describe("a PROXY header", () => {
  it("before the client's own TLS, which the factory behind it speaks", async (context) => {
    const { reactor, server, client } = await setting(context);
    const peer = new SecurePeer();
    const inner = Factory.building(() => peer);
    const secured = new TLSMemoryBIOFactory(inner, { reactor, options: server });
    const factory = new HAProxyWrappingFactory(reactor, secured);
    const other = await connectTo(reactor, await reactor.listenTCP(0, factory, LOCAL).listening);
    other.sendLine(HEADER);
    startTLS(other.transport, client);
    other.sendLine("secret");
    await expectEvents(peer, [MADE, "handshake TLSv1.3", "line secret"]);
  });

  it("inside of the proxy's TLS, which the port speaks", async (context) => {
    const { reactor, server, client } = await setting(context);
    const peer = new SecurePeer();
    const factory = new HAProxyWrappingFactory(
      reactor,
      Factory.building(() => peer),
    );
    const port = await reactor.listenSSL(0, factory, server, LOCAL).listening;
    const other = await connectTo(reactor, port);
    startTLS(other.transport, client);
    other.sendLine(HEADER);
    other.sendLine("secret");
    await expectEvents(peer, [MADE, "handshake TLSv1.3", "line secret"]);
    peer.sendLine("indeed");
    await expectEvents(other, ["made", "line indeed"]);
  });

  it("before a protocol that begins TLS itself, at once or on demand", async (context) => {
    const { reactor, server, client } = await setting(context);
    class Demanding extends SecurePeer {
      override lineReceived(line: Buffer): void {
        super.lineReceived(line);
        if (line.toString() !== "STARTTLS") return;
        this.sendLine("go ahead");
        startTLS(this.transport, server);
      }
    }
    class Immediate extends SecurePeer {
      override connectionMade(): void {
        super.connectionMade();
        startTLS(this.transport, server);
      }
    }
    const demanding = new Demanding();
    const immediate = new Immediate();
    const peers = [demanding, immediate];
    const factory = new HAProxyWrappingFactory(
      reactor,
      Factory.building(() => peers.shift()),
    );
    const port = await reactor.listenTCP(0, factory, LOCAL).listening;

    const first = await connectTo(reactor, port);
    first.sendLine(HEADER);
    first.sendLine("STARTTLS");
    await expectEvents(first, ["made", "line go ahead"]);
    startTLS(first.transport, client);
    first.sendLine("secret");
    await expectEvents(demanding, [MADE, "line STARTTLS", "handshake TLSv1.3", "line secret"]);

    // The first bytes of TLS may come in one piece with the header: they are not plain text.
    const second = await connectTo(reactor, port);
    second.sendLine(HEADER);
    startTLS(second.transport, client);
    second.sendLine("secret");
    await expectEvents(immediate, [MADE, "handshake TLSv1.3", "line secret"]);
  });
});
