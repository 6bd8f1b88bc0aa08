// Seed 000, sample 5: a client of the echo server that tells when it is connected and when not.
import { ClientFactory, Protocol } from "sennit/internet";
import { reactor } from "sennit/reactor";

class ConnectionLogger extends Protocol {
  override connectionMade(): void {
    console.log("Connected to server");
  }

  override connectionLost(): void {
    console.log("Disconnected from server");
  }
}

// The sample gives a plain Factory; one for clients is also told when no connection comes about.
class ConnectionLoggerFactory extends ClientFactory {
  override buildProtocol(): ConnectionLogger {
    return new ConnectionLogger();
  }
}

const port = Number(process.argv[2] ?? 1234);
reactor.connectTCP("localhost", port, new ConnectionLoggerFactory());
await reactor.run();
