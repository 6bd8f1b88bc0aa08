// Seed 004, sample 1: a server on port 12345 that loses each connection as soon as it is made.
import { Factory, Protocol } from "sennit/internet";
import { reactor } from "sennit/reactor";

class EchoProtocol extends Protocol {
  override connectionMade(): void {
    console.log("Connected to client");
    this.transport.loseConnection();
  }

  // As in the sample, this is never reached: a connection that is being lost receives nothing more.
  override dataReceived(data: Buffer): void {
    console.log(`Received data: ${data.toString()}`);
    this.transport.write(data);
  }
}

const factory = new Factory();
factory.protocol = EchoProtocol;

const port = reactor.listenTCP(Number(process.argv[2] ?? 12_345), factory);
await port.listening;
console.log(`Listening on ${String(port.getHost())}`);
await reactor.run();
