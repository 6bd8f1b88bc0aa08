// Seed 001, sample 8: a client that sends back each line it gets, by way of an endpoint.
import { Factory, TCP4ClientEndpoint } from "sennit/internet";
import { LineReceiver } from "sennit/protocols";
import { reactor } from "sennit/reactor";

class Echo extends LineReceiver {
  override connectionMade(): void {
    console.log("Client connected");
  }

  override lineReceived(line: Buffer): void {
    this.sendLine(line);
  }

  override connectionLost(): void {
    console.log("Client disconnected");
  }
}

// The sample gives the endpoint a protocol where it wants a factory.
const endpoint = new TCP4ClientEndpoint(reactor, "localhost", Number(process.argv[2] ?? 8080));
void endpoint.connect(Factory.forProtocol(Echo)).addErrback((failure) => {
  console.log(String(failure));
});
await reactor.run();
