// Seed 003, sample 4: an echo server that prints who comes and goes.
import { Factory, Protocol } from "sennit/internet";
import { reactor } from "sennit/reactor";

class Echo extends Protocol {
  override connectionMade(): void {
    console.log("Client connected");
  }

  override dataReceived(data: Buffer): void {
    this.transport.write(data);
  }

  override connectionLost(): void {
    console.log("Client disconnected");
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
