/**
 * Contracts of `IReactorUNIX` that hold wherever its sockets live.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { UNIXAddress } from "../../internet/addresses.ts";
import { CancelledError } from "../../defer/errors.ts";
import { CannotListenError, ConnectionDone, UserError } from "../../internet/errors.ts";
import type { IConnector, IListeningPort } from "../../internet/interfaces-factory.ts";
import {
  type ConnectUNIXOptions,
  IReactorUNIX,
  type ListenUNIXOptions,
} from "../../internet/interfaces-unix.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { type Contracts, DoesNotApply, type Trial } from "./trial.ts";
import type { Witness } from "./witness.ts";
import { type Build, WitnessClientFactory, WitnessFactory } from "./witness-factories.ts";

/** A port on a UNIX socket, and its factory. */
export interface UNIXListening {
  readonly port: IListeningPort;
  readonly factory: WitnessFactory;
}

/** Begin to listen. Default: with a witness for each connection. */
export function listenUNIXNow(
  trial: Trial,
  address: string,
  options: ListenUNIXOptions = {},
  build: Build = () => trial.witness(),
): UNIXListening {
  const factory = new WitnessFactory(build);
  return { port: trial.needs(IReactorUNIX).listenUNIX(address, factory, options), factory };
}

/** The same, and wait until it is bound. */
export async function listenUNIX(
  trial: Trial,
  address: string,
  options?: ListenUNIXOptions,
  build?: Build,
): Promise<UNIXListening> {
  const listening = listenUNIXNow(trial, address, options, build);
  await trial.fired(listening.port.listening);
  return listening;
}

/** A client, and whoever is told of it. */
export interface UNIXConnecting {
  readonly client: Witness;
  readonly factory: WitnessClientFactory;
  readonly connector: IConnector;
}

/** Begin to connect. */
export function connectUNIX(
  trial: Trial,
  address: string,
  options: ConnectUNIXOptions = {},
): UNIXConnecting {
  const client = trial.witness();
  const factory = new WitnessClientFactory(() => client);
  const connector = trial.needs(IReactorUNIX).connectUNIX(address, factory, options);
  return { client, factory, connector };
}

/** Two witnesses, connected. */
interface UNIXPair {
  readonly server: Witness;
  readonly client: Witness;
  readonly port: IListeningPort;
  readonly connector: IConnector;
}

async function pairUNIX(
  trial: Trial,
  address: string,
  options?: ListenUNIXOptions,
): Promise<UNIXPair> {
  const server = trial.witness();
  const { port } = await listenUNIX(trial, address, options, () => server);
  const { client, connector } = connectUNIX(trial, address);
  await trial.settle(() => server.made && client.made);
  return { server, client, port, connector };
}

function isAt(found: { toString(): string }, name: string): void {
  expectEqual(found instanceof UNIXAddress, true, `whether ${found.toString()} is a UNIX address`);
  expectEqual(found instanceof UNIXAddress ? found.name : "", name, "the name");
}

/** As long as an abstract name can be: some systems make a shorter one that long. */
const ABSTRACT_LENGTH = 108;

/** An abstract name of our own, where there are such. @throws {DoesNotApply} There are none. */
async function abstractName(trial: Trial): Promise<string> {
  const name = `\0${trial.socketPath()}`.padEnd(ABSTRACT_LENGTH, "~");
  const { port } = listenUNIXNow(trial, name);
  const outcome = await trial.outcome(port.listening);
  if (outcome === port) {
    await trial.fired(port.stopListening());
    return name;
  }
  expectReason(outcome, CannotListenError);
  throw new DoesNotApply("there are no abstract names here");
}

/** By name. */
export const unixContracts: Contracts = {
  "listenUNIX(): listening fires with the port, and getHost() has the path": async (trial) => {
    const path = trial.socketPath();
    const { port } = listenUNIXNow(trial, path);
    expectEqual(await trial.fired(port.listening), port);
    isAt(port.getHost(), path);
  },

  "connectUNIX(): bytes go both ways, and a close is an end": async (trial) => {
    const { server, client } = await pairUNIX(trial, trial.socketPath());
    client.write("question");
    await trial.settle(() => server.text === "question");
    server.write("answer");
    await trial.settle(() => client.text === "answer");
    client.lose();
    await trial.settle(() => server.reason !== undefined && client.reason !== undefined);
    expectReason(server.reason, ConnectionDone);
    expectReason(client.reason, ConnectionDone);
  },

  "half a close: the other half goes on": async (trial) => {
    const server = trial.halfCloseWitness();
    const path = trial.socketPath();
    await listenUNIX(trial, path, {}, () => server);
    const { client } = connectUNIX(trial, path);
    await trial.settle(() => client.made && server.made);
    client.write("all I have");
    client.loseWrite();
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    server.write("thanks");
    await trial.settle(() => client.text === "thanks");
    expectEqual(server.text, "all I have");
  },

  "the server's end has the path, the client's has no name": async (trial) => {
    const path = trial.socketPath();
    const { server, client } = await pairUNIX(trial, path);
    isAt(server.transport.getHost(), path);
    isAt(client.transport.getPeer(), path);
    isAt(server.transport.getPeer(), "");
    isAt(client.transport.getHost(), "");
  },

  "a connector's destination is the path": (trial) => {
    const path = trial.socketPath();
    const { connector } = connectUNIX(trial, path);
    isAt(connector.getDestination(), path);
    connector.stopConnecting();
  },

  "stopConnecting() gives up connectUNIX(): UserError, and no protocol": async (trial) => {
    const path = trial.socketPath();
    await listenUNIX(trial, path);
    const { connector, factory } = connectUNIX(trial, path);
    connector.stopConnecting();
    await trial.settle(() => connector.state === "disconnected");
    await trial.passes();
    expectEqual(factory.asked, ["start", "connecting", "failed", "stop"]);
    expectReason(factory.reasons[0], UserError);
  },

  "a path that is taken fails with CannotListenError, which names it": async (trial) => {
    const path = trial.socketPath();
    const first = trial.witness();
    await listenUNIX(trial, path, {}, () => first);
    const { port, factory } = listenUNIXNow(trial, path);
    const error = expectReason(await trial.outcome(port.listening), CannotListenError);
    expectEqual([error.port, error.interface], [path, ""]);
    assert(error.cause instanceof Error, "Expected a cause");
    assert(error.message.includes(path), `Expected the path in ${error.message}`);
    expectEqual(factory.asked, ["start", "stop"]);
    connectUNIX(trial, path);
    await trial.settle(() => first.made);
  },

  "a path is free again when stopListening() has fired": async (trial) => {
    const path = trial.socketPath();
    const { port } = await listenUNIX(trial, path);
    await trial.fired(port.stopListening());
    const server = trial.witness();
    await listenUNIX(trial, path, {}, () => server);
    connectUNIX(trial, path);
    await trial.settle(() => server.made);
  },

  "startListening() again listens at the same path": async (trial) => {
    const path = trial.socketPath();
    const server = trial.witness();
    const { port, factory } = await listenUNIX(trial, path, {}, () => server);
    await trial.fired(port.stopListening());
    port.startListening();
    await trial.fired(port.listening);
    isAt(port.getHost(), path);
    connectUNIX(trial, path);
    await trial.settle(() => server.made);
    expectEqual(factory.asked, ["start", "stop", "start", "build"]);
  },

  "stopListening() while a path is being bound leaves it free": async (trial) => {
    const path = trial.socketPath();
    const { port } = listenUNIXNow(trial, path);
    const { listening } = port;
    void port.stopListening();
    expectReason(await trial.outcome(listening), CancelledError);
    await trial.fired(port.stopListening());
    await listenUNIX(trial, path);
  },

  "connections over a UNIX socket live on after stopListening()": async (trial) => {
    const { server, client, port } = await pairUNIX(trial, trial.socketPath());
    await trial.fired(port.stopListening());
    client.write("still there?");
    await trial.settle(() => server.text === "still there?");
    expectEqual(port.connections.has(server.transport), true, "in the port's books");
  },

  "two ports at two paths have their own connections": async (trial) => {
    const [one, two] = [trial.socketPath(), trial.socketPath()];
    const first = await pairUNIX(trial, one);
    const second = await pairUNIX(trial, two);
    second.client.write("for the second");
    await trial.settle(() => second.server.text === "for the second");
    expectEqual(first.server.bytes, 0, "what the first received");
    expectEqual([first.port.connections.size, second.port.connections.size], [1, 1]);
  },

  "listenUNIX(): one more than maxConnections is closed at once": async (trial) => {
    const path = trial.socketPath();
    const { port } = await listenUNIX(trial, path, { maxConnections: 1 });
    const first = connectUNIX(trial, path).client;
    await trial.settle(() => first.made && port.connections.size === 1);
    const second = connectUNIX(trial, path).client;
    await trial.settle(() => second.reason !== undefined);
    expectEqual([first.reason, port.connections.size], [undefined, 1]);
    expectEqual(trial.loggedWarnings().length, 1, "warnings");
  },

  "addresses that are none are refused, and nothing is begun": (trial) => {
    const reactor = trial.needs(IReactorUNIX);
    const server = new WitnessFactory(() => trial.witness());
    const client = new WitnessClientFactory(() => trial.witness());
    for (const address of ["", "run/a\0b"]) {
      expectThrown(() => reactor.listenUNIX(address, server), RangeError);
      expectThrown(() => reactor.connectUNIX(address, client), RangeError);
    }
    expectEqual([server.asked, client.asked].flat(), []);
  },

  "modes that are none are refused, and nothing is begun": (trial) => {
    const reactor = trial.needs(IReactorUNIX);
    const factory = new WitnessFactory(() => trial.witness());
    for (const mode of [-1, 0o1000, 1.5, Number.NaN]) {
      const listen = (): unknown => reactor.listenUNIX(trial.socketPath(), factory, { mode });
      expectThrown(listen, RangeError);
    }
    expectEqual(factory.asked, []);
  },

  "limits over UNIX sockets that are none are refused": (trial) => {
    const reactor = trial.needs(IReactorUNIX);
    const path = trial.socketPath();
    const server = new WitnessFactory(() => trial.witness());
    const client = new WitnessClientFactory(() => trial.witness());
    for (const bad of [-1, Number.NaN]) {
      const limits = [{ maxConnections: bad }, { closeTimeout: bad }, { maxBufferedBytes: bad }];
      for (const limit of limits) {
        expectThrown(() => reactor.listenUNIX(path, server, limit), RangeError);
      }
      expectThrown(() => reactor.connectUNIX(path, client, { timeout: bad }), RangeError);
    }
    expectEqual([server.asked, client.asked].flat(), []);
  },

  "an abstract name carries bytes, and is shown with an @": async (trial) => {
    const name = await abstractName(trial);
    const { server, client, port } = await pairUNIX(trial, name);
    client.write("no file");
    await trial.settle(() => server.text === "no file");
    isAt(port.getHost(), name);
    expectEqual(String(port.getHost()), `@${name.slice(1)}`);
  },

  "an abstract name that is taken fails with CannotListenError": async (trial) => {
    const name = await abstractName(trial);
    await listenUNIX(trial, name);
    const { port } = listenUNIXNow(trial, name);
    const error = expectReason(await trial.outcome(port.listening), CannotListenError);
    expectEqual(error.port, name);
    assert(!error.message.includes("\0"), "Expected a message without a NUL");
  },

  "an abstract name is free again when stopListening() has fired": async (trial) => {
    const name = await abstractName(trial);
    for (let life = 0; life < 3; life += 1) {
      const { port } = await listenUNIX(trial, name, { wantPID: true });
      await trial.fired(port.stopListening());
    }
  },
};
