// Seed 001, samples 5 to 7: a protocol, its factory, and an endpoint that connects them to port
// 8080.
import { Factory, Protocol, TCP4ClientEndpoint } from "sennit/internet";
import { reactor } from "sennit/reactor";

class EchoProtocol extends Protocol {
  override dataReceived(data: Buffer): void {
    this.transport.write(data);
  }
}

class EchoFactory extends Factory<EchoProtocol> {
  override buildProtocol(): EchoProtocol {
    return new EchoProtocol();
  }
}

const endpoint = new TCP4ClientEndpoint(reactor, "localhost", Number(process.argv[2] ?? 8080));
const protocol = await endpoint.connect(new EchoFactory());
console.log(`Connected to ${String(protocol.transport.getPeer())}`);
await reactor.run();
