// Seed 000, samples 2 and 6: a server that sends back what it gets, on port 1234.
import { Factory, Protocol } from "sennit/internet";
import { reactor } from "sennit/reactor";

class Echo extends Protocol {
  override dataReceived(data: Buffer): void {
    this.transport.write(data);
  }
}

class EchoFactory extends Factory {
  override buildProtocol(): Echo {
    return new Echo();
  }
}

const port = reactor.listenTCP(Number(process.argv[2] ?? 1234), new EchoFactory());
await port.listening;
console.log(`Listening on ${String(port.getHost())}`);
await reactor.run();
