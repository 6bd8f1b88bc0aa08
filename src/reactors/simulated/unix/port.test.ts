import { assert, describe, it } from "vitest";
import type { Failure } from "../../../defer/failure.ts";
import { ClientFactory, Factory } from "../../../internet/factory.ts";
import {
  CannotListenError,
  ConnectFailedError,
  ConnectionDone,
  ConnectionLost,
  ConnectionRefusedError,
} from "../../../internet/errors.ts";
import type { IConnector, IListeningPort } from "../../../internet/interfaces-factory.ts";
import type { ConnectUNIXOptions, ListenUNIXOptions } from "../../../internet/interfaces-unix.ts";
import { Protocol } from "../../../internet/protocol.ts";
import { BadFileError, SocketLockedError } from "../../../internet/unix-errors.ts";
import type { SimulatedHost } from "../host.ts";
import { Simulator } from "../simulator.ts";

const PATH = "/run/app.sock";

/** Writes down what it hears. */
class Ear extends Protocol {
  text = "";
  made = false;
  reason: unknown;

  override connectionMade(): void {
    this.made = true;
  }

  override dataReceived(data: Uint8Array): void {
    this.text += Buffer.from(data).toString();
  }

  override connectionLost(reason: Failure): void {
    this.reason = reason.value;
  }
}

class Client extends ClientFactory {
  readonly ear = new Ear();
  failure: unknown;

  override buildProtocol(): Ear {
    return this.ear;
  }

  override clientConnectionFailed(_connector: IConnector, { value }: Failure): void {
    this.failure = value;
  }
}

class Server extends Factory {
  readonly ears: Ear[] = [];

  override buildProtocol(): Ear {
    const ear = new Ear();
    this.ears.push(ear);
    return ear;
  }
}

/** A world of one host. */
class Place {
  readonly sim = new Simulator();
  readonly host: SimulatedHost = this.sim.addHost("host");

  async pass(seconds = 1): Promise<void> {
    const end = this.sim.now + seconds;
    this.sim.at(end, { happen: () => undefined });
    await this.sim.work(() => false, { until: end });
  }

  /** @returns The port, or why there is none. */
  async listen(
    path = PATH,
    options: ListenUNIXOptions = {},
    server = new Server(),
  ): Promise<IListeningPort | Error> {
    const port = this.host.reactor.listenUNIX(path, server, options);
    let outcome: IListeningPort | Error | undefined;
    void port.listening.addCallbacks(
      (bound) => {
        outcome = bound;
      },
      ({ value }) => {
        outcome = value;
      },
    );
    await this.sim.work(() => outcome !== undefined);
    if (outcome === undefined) throw new Error("Expected an outcome");
    return outcome;
  }

  async connect(path = PATH, options: ConnectUNIXOptions = {}, on = this.host): Promise<Client> {
    const client = new Client();
    on.reactor.connectUNIX(path, client, options);
    await this.pass(0.01);
    return client;
  }

  /** A connection: its client, its server. */
  async pair(): Promise<readonly [Ear, Ear]> {
    const server = new Server();
    await this.listen(PATH, {}, server);
    const { ear } = await this.connect();
    const [there] = server.ears;
    if (there === undefined) throw new Error("Expected a connection");
    return [ear, there];
  }

  reboot(): void {
    this.host.powerOff();
    this.host.start();
  }

  restart(): void {
    this.host.kill();
    this.host.start();
  }
}

function isTaken(outcome: unknown): boolean {
  const cause = outcome instanceof CannotListenError ? outcome.cause : undefined;
  return cause instanceof Error && Reflect.get(cause, "code") === "EADDRINUSE";
}

describe("a program that was killed", () => {
  it("leaves its file: nobody is reached there, and it is in the way", async () => {
    const place = new Place();
    await place.listen();
    place.restart();
    assert.instanceOf((await place.connect()).failure, ConnectionRefusedError);
    assert.isTrue(isTaken(await place.listen()));
    assert.isTrue(place.host.socketNames.remove(PATH));
    assert.isFalse(isTaken(await place.listen()));
    assert.isTrue((await place.connect()).ear.made);
  });

  it("leaves its lock, and with wantPID the next one takes over both", async () => {
    const place = new Place();
    await place.listen(PATH, { wantPID: true });
    place.restart();
    const before = await place.connect(PATH, { checkPID: true });
    assert.instanceOf(before.failure, BadFileError);
    await place.listen(PATH, { wantPID: true });
    assert.isTrue((await place.connect(PATH, { checkPID: true })).ear.made);
  });

  it("leaves no abstract name", async () => {
    const place = new Place();
    await place.listen("\0app");
    place.restart();
    assert.instanceOf((await place.connect("\0app")).failure, ConnectionRefusedError);
    assert.notInstanceOf(await place.listen("\0app"), Error);
  });
});

describe("the loss of power", () => {
  it("takes what lies in memory, and leaves what lies on the disk", async () => {
    const place = new Place();
    await place.listen(PATH, { wantPID: true });
    await place.listen("/srv/app.sock");
    place.reboot();
    assert.isUndefined(place.host.socketNames.at(PATH));
    // Somebody else's file of that name is in the way: there is no stale lock that says otherwise.
    await place.listen();
    assert.isTrue(isTaken(await place.listen(PATH, { wantPID: true })));
    assert.isTrue(isTaken(await place.listen("/srv/app.sock")));
  });
});

describe("names", () => {
  it("are those of one host", async () => {
    const place = new Place();
    const other = place.sim.addHost("other");
    await place.listen();
    assert.instanceOf((await place.connect(PATH, {}, other)).failure, ConnectionRefusedError);
    assert.isTrue((await place.connect("run/../run//app.sock")).ear.made);
  });

  it("that a kernel would cut off are refused", async () => {
    const place = new Place();
    const longest = `/run/${"x".repeat(102)}`;
    assert.notInstanceOf(await place.listen(longest), Error);
    assert.instanceOf(await place.listen(`${longest}y`), CannotListenError);
    assert.instanceOf((await place.connect(`${longest}y`)).failure, BadFileError);
  });

  it("of another by now are left alone", async () => {
    const place = new Place();
    const first = await place.listen();
    place.host.socketNames.remove(PATH);
    await place.listen();
    if (!(first instanceof Error)) void first.stopListening();
    await place.pass();
    assert.isTrue((await place.connect()).ear.made);
  });

  it("whose mode keeps us out are a typed failure", async () => {
    const place = new Place();
    await place.listen(PATH, { mode: 0o466 });
    assert.instanceOf((await place.connect()).failure, ConnectFailedError);
  });
});

describe("locks", () => {
  it("refuse a second one, and say whose they are", async () => {
    const place = new Place();
    const first = await place.listen(PATH, { wantPID: true });
    const second = await place.listen(PATH, { wantPID: true });
    assert.instanceOf(second, CannotListenError);
    const { cause } = second instanceof Error ? second : new Error("none");
    assert.instanceOf(cause, SocketLockedError);
    assert.equal(Reflect.get(Object(cause), "path"), `${PATH}.lock`);
    if (!(first instanceof Error)) void first.stopListening();
    await place.pass();
    assert.notInstanceOf(await place.listen(PATH, { wantPID: true }), Error);
  });

  it("are given back where a file is in the way", async () => {
    const place = new Place();
    await place.listen();
    assert.isTrue(isTaken(await place.listen(PATH, { wantPID: true })));
    assert.isFalse(place.host.socketNames.isLocked(PATH));
  });
});

describe("the queue", () => {
  it("who finds it full waits, and gets in", async () => {
    const place = new Place();
    await place.listen(PATH, { backlog: 1 });
    const clients = Array.from({ length: 5 }, () => new Client());
    for (const client of clients) place.host.reactor.connectUNIX(PATH, client);
    await place.pass(0.01);
    assert.equal(clients.filter(({ ear }) => ear.made).length, 2);
    await place.pass();
    assert.equal(clients.filter(({ ear }) => ear.made).length, 5);
  });

  it("who waits may give up, and leaves no call behind", async () => {
    const place = new Place();
    const full = { program: place.host.reactor, hasRoom: false };
    place.host.socketNames.bind(PATH, full, 0o666);
    const client = new Client();
    const connector = place.host.reactor.connectUNIX(PATH, client);
    await place.pass();
    connector.stopConnecting();
    assert.deepEqual(place.host.reactor.getDelayedCalls(), []);
    await place.pass();
    assert.isDefined(client.failure);
  });
});

describe("an end without a reset (unix(7), as Linux does it)", () => {
  it("of one that is aborted is an end, after all that was sent", async () => {
    const place = new Place();
    const [client, server] = await place.pair();
    server.transport.write("last words");
    await place.pass(0);
    server.transport.abortConnection();
    await place.pass();
    assert.equal(client.text, "last words");
    assert.instanceOf(client.reason, ConnectionDone);
  });

  it("of one that has not read everything is a loss, after all that was sent", async () => {
    const place = new Place();
    const [client, server] = await place.pair();
    server.transport.pauseProducing();
    client.transport.write("unread");
    server.transport.write("last words");
    await place.pass();
    server.transport.abortConnection();
    await place.pass();
    assert.equal(client.text, "last words");
    assert.instanceOf(client.reason, ConnectionLost);
  });

  it("is seen at once by one that writes", async () => {
    const place = new Place();
    const [client, server] = await place.pair();
    client.transport.pauseProducing();
    server.transport.abortConnection();
    await place.pass();
    assert.isUndefined(client.reason);
    client.transport.write("anybody?");
    client.transport.loseConnection();
    await place.pass();
    assert.instanceOf(client.reason, ConnectionLost);
  });
});
