// Seed 002, sample 5: a server that prints each line and sends it back.
import { Factory } from "sennit/internet";
import { LineReceiver } from "sennit/protocols";
import { reactor } from "sennit/reactor";

class Echo extends LineReceiver {
  override connectionMade(): void {
    console.log(`Client connected: ${String(this.transport.getPeer())}`);
  }

  override lineReceived(line: Buffer): void {
    console.log(`Received: ${line.toString()}`);
    this.sendLine(line);
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
