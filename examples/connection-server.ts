// Seed 003, sample 3: a server on port 8123 that prints who connects and who disconnects.
import type { Failure } from "sennit/defer";
import { Factory, Protocol } from "sennit/internet";
import { reactor } from "sennit/reactor";

// The sample puts functions where a protocol belongs; this is the protocol.
class ConnectionPrinter extends Protocol {
  override connectionMade(): void {
    console.log(`Client connected: ${String(this.transport.getPeer())}`);
  }

  override connectionLost(reason: Failure): void {
    console.log(`Client disconnected: ${reason.getErrorMessage()}`);
  }
}

async function main(): Promise<void> {
  const factory = Factory.forProtocol(ConnectionPrinter);
  const port = reactor.listenTCP(Number(process.argv[2] ?? 8123), factory);
  await port.listening;
  console.log(`Listening on ${String(port.getHost())}`);
  await reactor.run();
}

await main();
