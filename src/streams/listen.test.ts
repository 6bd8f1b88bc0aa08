/** `listen` and `connect`, in virtual time. */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, it } from "vitest";
import {
  describeOn,
  describeOnAll as describe,
  isBound,
  makeReactor,
  MEMORY,
} from "../../test/fixtures/networks.ts";
import { allowNoErrors, errorOf, MUCH, settled, until } from "../../test/streams/scene.ts";
import { Deferred } from "../defer/deferred.ts";
import { CancelledError } from "../defer/errors.ts";
import { TCP4ClientEndpoint } from "../internet/endpoints/tcp-client.ts";
import { TCP4ServerEndpoint } from "../internet/endpoints/tcp-server.ts";
import { CannotListenError, ConnectingCancelledError, ConnectionLost } from "../internet/errors.ts";
import { ClientFactory } from "../internet/factory.ts";
import type { IProtocolFactory, IStreamServerEndpoint } from "../internet/interfaces-factory.ts";
import { captureLogs } from "../logger/capture.ts";
import { HalfCloseWitness, type Witness } from "../testing/contracts/witness.ts";
import { connect } from "./connect.ts";
import { type ConnectionListener, listen, type ListenOptions } from "./listen.ts";
import type { StreamConnection } from "./stream-connection.ts";

allowNoErrors();

const PORT = 80;

/** A listener, and clients for it. */
class Town {
  readonly reactor = makeReactor();
  readonly endpoint = new TCP4ServerEndpoint(this.reactor, PORT);
  readonly server: ConnectionListener;

  constructor(options?: ListenOptions) {
    this.server = listen(this.endpoint, options);
    this.reactor.flush();
  }

  /** Clients, connected one after the other. */
  clients(count: number): Witness[] {
    return Array.from({ length: count }, () => {
      const witness = new HalfCloseWitness();
      const factory = ClientFactory.building(() => witness);
      factory.noisy = false;
      this.reactor.connectTCP("127.0.0.1", PORT, factory);
      this.reactor.flush();
      return witness;
    });
  }

  async next(): Promise<StreamConnection> {
    const step = await settled(this.reactor, this.server.next());
    assert(step.value !== undefined);
    return step.value;
  }

  get isBound(): boolean {
    return isBound(this.reactor, PORT);
  }
}

function lost(witness: Witness | undefined): boolean {
  return witness?.reason?.value instanceof ConnectionLost;
}

/** A refused connection ends in good order. */
function refused(witness: Witness | undefined): boolean {
  return witness?.calls.includes("readConnectionLost") === true;
}

describe("listen", () => {
  it("gives connections in the order in which they came", async () => {
    const town = new Town();
    const clients = town.clients(3);
    for (const [at, client] of clients.entries()) client.write(String(at));
    const texts: string[] = [];
    const loop = (async () => {
      for await (const connection of town.server) {
        for await (const chunk of connection) {
          texts.push(chunk.toString());
          break;
        }
        if (texts.length === 3) break;
      }
    })();
    await settled(town.reactor, loop);
    assert.deepEqual(texts, ["0", "1", "2"]);
  });

  it("gives them to those who wait, in the order in which they asked", async () => {
    const town = new Town();
    const asked = [town.server.next(), town.server.next()];
    const [one, two] = town.clients(2);
    const steps = await settled(town.reactor, Promise.all(asked));
    const addresses = steps.map((step) => step.value?.peer.toString());
    const hosts = [one, two].map((client) => client?.transport.getHost().toString());
    assert.deepEqual(addresses, hosts);
    assert.equal(town.server.waiting, 0);
  });

  it("listening fires with the port, for each who asks", async () => {
    const town = new Town();
    const ports = await Promise.all([town.server.listening, town.server.listening]);
    assert.equal(ports[0], ports[1]);
    assert.equal(ports[0]?.getHost().toString(), "0.0.0.0:80");
  });

  it("a port that is taken fails the loop, once, and those who asked", async () => {
    const town = new Town();
    const second = listen(town.endpoint);
    const listening = errorOf(second.listening);
    const step = errorOf(second.next());
    town.reactor.flush();
    assert.instanceOf(await listening, CannotListenError);
    assert.instanceOf(await step, CannotListenError);
    assert.deepEqual(await second.next(), { done: true, value: undefined });
    assert.instanceOf(await errorOf(second.listening), CannotListenError);

    const third = listen(town.endpoint);
    town.reactor.flush();
    assert.instanceOf(await errorOf(third.next()), CannotListenError);
    assert.deepEqual(await third.next(), { done: true, value: undefined });
  });

  it("leaving the loop closes the port; who was taken lives on, who waits is aborted", async () => {
    const town = new Town();
    const [taken, waiting] = town.clients(2);
    let connection: StreamConnection | undefined;
    const loop = (async () => {
      for await (const one of town.server) {
        connection = one;
        break;
      }
    })();
    await settled(town.reactor, loop);
    assert.isFalse(town.isBound);
    await until(town.reactor, () => waiting?.reason !== undefined);
    assert.isTrue(lost(waiting));
    void connection?.write("still here");
    await until(town.reactor, () => taken?.text === "still here");
    assert.deepEqual(await town.server.next(), { done: true, value: undefined });
  });

  it("close() ends those who wait, and await using closes", async () => {
    const town = new Town();
    const asked = [town.server.next(), town.server.next()];
    await settled(town.reactor, town.server.close());
    for (const step of await Promise.all(asked)) assert.isTrue(step.done);
    assert.isFalse(town.isBound);
    await settled(town.reactor, town.server.close());

    const other = new Town();
    const using = (async () => {
      await using server = other.server;
      assert.equal(server.waiting, 0);
    })();
    await settled(other.reactor, using);
    assert.isFalse(other.isBound);
  });

  it("close() before the port is bound gives it up", async () => {
    const reactor = makeReactor();
    const server = listen(new TCP4ServerEndpoint(reactor, PORT));
    const listening = errorOf(server.listening);
    const step = server.next();
    await settled(reactor, server.close());
    assert.isTrue((await step).done);
    assert.instanceOf(await listening, CancelledError);
    reactor.flush();
    assert.isFalse(isBound(reactor, PORT));
  });

  it("closes who comes while maxWaiting are waiting, and says so once", async () => {
    const town = new Town({ maxWaiting: 4 });
    using logs = captureLogs();
    const warnings = (): number =>
      logs.events.filter(({ log_namespace: name }) => name === "sennit.streams").length;
    const clients = town.clients(7);
    await until(town.reactor, () => refused(clients[6]));
    const alive = clients.map((client) => !refused(client));
    assert.deepEqual(alive, [true, true, true, true, false, false, false]);
    assert.deepEqual([town.server.waiting, warnings()], [4, 1]);
    await town.next();
    const [fifth, sixth] = town.clients(2);
    await until(town.reactor, () => refused(sixth));
    assert.isFalse(refused(fifth));
    assert.equal(warnings(), 1);
    await town.next();
    await town.next();
    town.clients(3);
    assert.deepEqual([town.server.waiting, warnings()], [4, 2]);
  });

  it("with maxWaiting 0 there is room for those alone who are waited for", async () => {
    const town = new Town({ maxWaiting: 0 });
    const [early] = town.clients(1);
    await until(town.reactor, () => refused(early));
    const next = town.server.next();
    const [welcome] = town.clients(1);
    assert.isFalse((await settled(town.reactor, next)).done);
    assert.isFalse(refused(welcome));
  });

  it("does not read who waits", async () => {
    const town = new Town();
    const [client] = town.clients(1);
    client?.write(MUCH);
    client?.write(MUCH);
    town.reactor.flush();
    assert.isAbove(client?.transport.bufferedBytes ?? 0, 1 << 20);
  });

  it("an abort of its signal fails who waits, and closes the port", async () => {
    const control = new AbortController();
    const town = new Town({ signal: control.signal });
    const step = errorOf(town.server.next());
    control.abort(new Error("enough"));
    const error = await settled(town.reactor, step);
    assert(error instanceof CancelledError);
    assert.equal(error.cause, control.signal.reason);
    town.reactor.flush();
    assert.isFalse(town.isBound);
    assert.deepEqual(await town.server.next(), { done: true, value: undefined });
  });

  it("an abort while nobody waits is told to the next who asks, once", async () => {
    const control = new AbortController();
    const town = new Town({ signal: control.signal });
    const [waiting] = town.clients(1);
    control.abort();
    assert.instanceOf(await errorOf(town.server.next()), CancelledError);
    await until(town.reactor, () => waiting?.reason !== undefined);
    assert.deepEqual(await town.server.next(), { done: true, value: undefined });
  });

  it("aborted beforehand, nothing is started", async () => {
    const town = new Town({ signal: AbortSignal.abort() });
    assert.isFalse(town.isBound);
    assert.instanceOf(await errorOf(town.server.listening), CancelledError);
    assert.instanceOf(await errorOf(town.server.next()), CancelledError);
  });

  it("a reactor that stops ends the loop", async () => {
    const town = new Town();
    const step = town.server.next();
    const disposed = town.reactor[Symbol.asyncDispose]();
    await settled(town.reactor, disposed);
    assert.isTrue((await step).done);
  });

  it("closes a port that is bound though it was given up, and takes nobody there", async () => {
    const { reactor } = new Town();
    const other = PORT + 1;
    const port = reactor.listenTCP(
      other,
      ClientFactory.building(() => undefined),
    );
    await settled(reactor, port.listening);
    let factory: IProtocolFactory | undefined;
    const stubborn: IStreamServerEndpoint = {
      listen(given) {
        factory = given;
        return new Deferred((deferred) => deferred.callback(port));
      },
    };
    const control = new AbortController();
    const server = listen(stubborn, { signal: control.signal });
    control.abort();
    assert.instanceOf(await errorOf(server.next()), CancelledError);
    reactor.flush();
    assert.isFalse(isBound(reactor, other));
    assert.isTrue(isBound(reactor, PORT));
    assert.isUndefined(factory?.buildProtocol(port.getHost()));
  });

  it("refuses limits that are none, at once", () => {
    const endpoint = new TCP4ServerEndpoint(makeReactor(), PORT);
    assert.throws(() => listen(endpoint, { maxWaiting: -1 }), RangeError);
    assert.throws(() => listen(endpoint, { maxWaiting: 1.5 }), RangeError);
    assert.throws(() => listen(endpoint, { highWaterMark: 0 }), RangeError);
  });
});

// Elsewhere the platform may tell of a reset only who reads.
describeOn([MEMORY])("listen", () => {
  it("does not give who was lost while waiting", async () => {
    const town = new Town();
    const [gone, there] = town.clients(2);
    gone?.abort();
    town.reactor.flush();
    assert.equal(town.server.waiting, 1);
    const connection = await town.next();
    assert.equal(connection.peer.toString(), there?.transport.getHost().toString());
  });
});

describe("connect", () => {
  it("fires with a connection; the two talk", async () => {
    const town = new Town();
    const endpoint = new TCP4ClientEndpoint(town.reactor, "127.0.0.1", PORT);
    const client = await settled(town.reactor, connect(endpoint, { highWaterMark: 100 }));
    assert.equal(client.duplex.readableHighWaterMark, 100);
    const server = await town.next();
    client.duplex.end("question");
    let heard = "";
    const serving = (async () => {
      for await (const chunk of server) heard += chunk.toString();
      await server.write(`answer to ${heard}`);
      await server.close();
    })();
    let answer = "";
    client.duplex.on("data", (data: Buffer) => {
      answer += data.toString();
    });
    await settled(town.reactor, serving);
    await until(town.reactor, () => client.duplex.closed);
    assert.equal(answer, "answer to question");
  });

  it("is given up when its signal is aborted", async () => {
    const reactor = makeReactor();
    const control = new AbortController();
    const endpoint = new TCP4ClientEndpoint(reactor, "127.0.0.1", PORT);
    const connecting = errorOf(connect(endpoint, { signal: control.signal }));
    control.abort();
    reactor.flush();
    assert.instanceOf(await connecting, ConnectingCancelledError);
    await nextPass();
    reactor.advance(100);
    assert.isEmpty(reactor.getDelayedCalls());
  });
});
