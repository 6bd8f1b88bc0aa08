// Seed 001, sample 11: a server of lines that introduces itself, and sends back each line.
import { Factory } from "sennit/internet";
import { LineReceiver } from "sennit/protocols";
import { reactor } from "sennit/reactor";

class EchoProtocol extends LineReceiver {
  override connectionMade(): void {
    this.sendLine("Hello, I am an echo server.");
  }

  override lineReceived(line: Buffer): void {
    this.sendLine(line);
  }
}

const factory = Factory.forProtocol(EchoProtocol);
const port = reactor.listenTCP(Number(process.argv[2] ?? 1234), factory);
await port.listening;
console.log(`Listening on ${String(port.getHost())}`);
await reactor.run();
