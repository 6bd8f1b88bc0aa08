/**
 * A hostile network: it stands between a client and a server, and passes on what they say, for as
 * long as it likes.
 *
 * @module
 */
import { ClientFactory, Factory } from "../../internet/factory.ts";
import type { IReactorTCP } from "../../internet/interfaces-reactor.ts";
import { Protocol } from "../../internet/protocol.ts";
import { portNumber } from "./network.ts";
import type { Trial } from "./trial.ts";

/** One of both ends of the relay: what it receives goes out at the other one. */
class RelayEnd extends Protocol {
  other: RelayEnd | undefined;
  holds = false;
  /** What came before there was a connection to pass it on to. */
  readonly #waiting: Buffer[] = [];
  #isMade = false;

  override connectionMade(): void {
    this.#isMade = true;
    for (const data of this.#waiting.splice(0)) this.transport.write(data);
  }

  override dataReceived(data: Buffer): void {
    if (!this.holds) this.other?.pass(data);
  }

  pass(data: Buffer): void {
    if (this.#isMade) this.transport.write(data);
    else this.#waiting.push(data);
  }

  readConnectionLost(): void {
    if (!this.holds) this.other?.transport.loseWriteConnection();
  }

  writeConnectionLost(): void {}

  override connectionLost(): void {
    if (!this.holds) this.other?.transport.abortConnection();
  }
}

/** See the top of this file. For one connection. */
export class TLSRelay {
  /** Where it listens. */
  readonly place: number;
  readonly #client: RelayEnd;
  readonly #server: RelayEnd;

  private constructor(place: number, client: RelayEnd, server: RelayEnd) {
    this.place = place;
    this.#client = client;
    this.#server = server;
  }

  /** In front of a port. */
  static async open(trial: Trial, reactor: IReactorTCP, target: number): Promise<TLSRelay> {
    const [client, server] = [new RelayEnd(), new RelayEnd()];
    client.other = server;
    server.other = client;
    const connecting = ClientFactory.building(() => server);
    const listening = Factory.building(() => {
      reactor.connectTCP(trial.host, target, connecting);
      return client;
    });
    listening.noisy = false;
    connecting.noisy = false;
    const port = reactor.listenTCP(0, listening, { interface: trial.host });
    return new TLSRelay(portNumber(await trial.fired(port.listening)), client, server);
  }

  /** Pass on nothing from now on: what comes is lost, and ends are kept to oneself. */
  hold(): void {
    this.#client.holds = true;
    this.#server.holds = true;
  }

  /** Tell both that the other one has ended, which it has not. */
  end(): void {
    this.hold();
    this.#client.transport.loseConnection();
    this.#server.transport.loseConnection();
  }

  /** Reset the connection of both. */
  reset(): void {
    this.hold();
    this.#client.transport.abortConnection();
    this.#server.transport.abortConnection();
  }

  /** Say something to both that the other one has not said, and hold from then on. */
  inject(data: Uint8Array | string): void {
    this.hold();
    this.#client.transport.write(data);
    this.#server.transport.write(data);
  }
}
