// Seed 001, samples 9 and 10: a client that tells what happens, and sends back what it gets.
import { ClientFactory, Protocol } from "sennit/internet";
import { reactor } from "sennit/reactor";

class EchoProtocol extends Protocol {
  override connectionMade(): void {
    console.log("Connection established");
  }

  override dataReceived(data: Buffer): void {
    console.log(`Received data: ${data.toString()}`);
    this.transport.write(data);
  }

  override connectionLost(): void {
    console.log("Connection lost");
  }
}

async function main(): Promise<void> {
  const factory = ClientFactory.forProtocol(EchoProtocol);
  reactor.connectTCP("localhost", Number(process.argv[2] ?? 8080), factory);
  await reactor.run();
}

await main();
