/**
 * Everything that goes through a reactor, recorded.
 *
 * The reactor's own methods are replaced, on this one object: whoever has the reactor, and a script
 * imports the one of the process, is recorded, and endpoints are. A copy of the reactor that only
 * some are handed would miss the others.
 *
 * @module
 */
import { formatStringDescription } from "../internet/endpoints/string-description.ts";
import type { IClientFactory, IProtocolFactory } from "../internet/interfaces-factory.ts";
import { IReactorProcess } from "../internet/interfaces-process.ts";
import { type IReactorCore, IReactorTCP } from "../internet/interfaces-reactor.ts";
import { IReactorSocket } from "../internet/interfaces-socket.ts";
import { IReactorStdio } from "../internet/interfaces-stdio.ts";
import { IReactorSSL, type TLSLayer } from "../internet/interfaces-tls.ts";
import type { IProtocol, IStreamTransport } from "../internet/interfaces-transport.ts";
import { IReactorUNIX } from "../internet/interfaces-unix.ts";
import { recordClientFactory, recordFactory } from "./record-factory.ts";
import type { Recorder } from "./recorder.ts";
import { RecordingProtocol, RecordingTransport } from "./recording-protocol.ts";

/** What the string of an endpoint would be. */
type Words = readonly (string | number)[];

/** Replaces methods of one reactor, and gives them back. */
class Hooks {
  readonly #reactor: IReactorCore;
  readonly #recorder: Recorder;
  readonly #undo: (() => void)[] = [];

  constructor(reactor: IReactorCore, recorder: Recorder) {
    this.#reactor = reactor;
    this.#recorder = recorder;
  }

  /** These methods are about to be replaced. */
  replacing(...names: readonly string[]): void {
    const reactor = this.#reactor;
    for (const name of names) {
      const own = Object.getOwnPropertyDescriptor(reactor, name);
      this.#undo.push(() => {
        if (own === undefined) Reflect.deleteProperty(reactor, name);
        else Reflect.defineProperty(reactor, name, own);
      });
    }
  }

  undo(): void {
    for (const one of this.#undo.splice(0).toReversed()) one();
  }

  server(factory: IProtocolFactory, words: Words): IProtocolFactory {
    return recordFactory(factory, this.#recorder, { place: placeOf(words) });
  }

  client(factory: IClientFactory, words: Words): IClientFactory {
    return recordClientFactory(factory, this.#recorder, { place: placeOf(words) });
  }

  /** TLS on top of `lower`: what is recorded is what goes through it. */
  layer(make: () => TLSLayer, lower: IStreamTransport, role: "server" | "client"): TLSLayer {
    if (lower instanceof RecordingTransport) {
      lower.supersede("TLS begins on top of it, which has a recording of its own");
    }
    const layer = make(); // It may write at once.
    const place = { role, place: placeOf(["tls", lower.getPeer().toString()]) };
    const recorder = this.#recorder;
    return {
      transport: layer.transport,
      begin: (protocol: IProtocol) => layer.begin(new RecordingProtocol(protocol, recorder, place)),
      dataReceived: (data) => layer.dataReceived(data),
      readConnectionLost: () => layer.readConnectionLost(),
      connectionLost: (reason) => layer.connectionLost(reason),
    };
  }
}

function placeOf(words: Words): string {
  return formatStringDescription(words.map(String), []);
}

function hookTCP(reactor: IReactorTCP, hooks: Hooks): void {
  hooks.replacing("listenTCP", "connectTCP");
  const listen = reactor.listenTCP.bind(reactor);
  const connect = reactor.connectTCP.bind(reactor);
  reactor.listenTCP = (port, factory, options) =>
    listen(port, hooks.server(factory, ["tcp", port]), options);
  reactor.connectTCP = (host, port, factory, options) =>
    connect(host, port, hooks.client(factory, ["tcp", host, port]), options);
}

function hookSSL(reactor: IReactorSSL, hooks: Hooks): void {
  hooks.replacing("listenSSL", "connectSSL", "layerTLS");
  const listen = reactor.listenSSL.bind(reactor);
  const connect = reactor.connectSSL.bind(reactor);
  const layer = reactor.layerTLS.bind(reactor);
  reactor.listenSSL = (port, factory, options, limits) =>
    listen(port, hooks.server(factory, ["ssl", port]), options, limits);
  reactor.connectSSL = (host, port, factory, options, limits) =>
    connect(host, port, hooks.client(factory, ["ssl", host, port]), options, limits);
  reactor.layerTLS = (lower, options, limits) =>
    hooks.layer(() => layer(lower, options, limits), lower, options.role);
}

function hookUNIX(reactor: IReactorUNIX, hooks: Hooks): void {
  hooks.replacing("listenUNIX", "connectUNIX");
  const listen = reactor.listenUNIX.bind(reactor);
  const connect = reactor.connectUNIX.bind(reactor);
  reactor.listenUNIX = (address, factory, options) =>
    listen(address, hooks.server(factory, ["unix", address]), options);
  reactor.connectUNIX = (address, factory, options) =>
    connect(address, hooks.client(factory, ["unix", address]), options);
}

function hookSocket(reactor: IReactorSocket, hooks: Hooks): void {
  hooks.replacing("adoptStreamPort");
  const adopt = reactor.adoptStreamPort.bind(reactor);
  reactor.adoptStreamPort = (descriptor, factory, options) =>
    adopt(descriptor, hooks.server(factory, ["fd", descriptor]), options);
}

function hookStdio(reactor: IReactorStdio, hooks: Hooks): void {
  hooks.replacing("listenStdio");
  const listen = reactor.listenStdio.bind(reactor);
  reactor.listenStdio = (factory, options) => listen(hooks.server(factory, ["stdio", ""]), options);
}

function hookProcess(reactor: IReactorProcess, hooks: Hooks): void {
  hooks.replacing("connectProcess");
  const connect = reactor.connectProcess.bind(reactor);
  reactor.connectProcess = (executable, factory, options) =>
    connect(executable, hooks.client(factory, ["process", executable]), options);
}

/**
 * Record each connection that `reactor` makes from now on, whoever asks for it: as a server and as
 * a client, over TCP, TLS, UNIX sockets, adopted ports, standard I/O, and to processes. Endpoints
 * ask a reactor, so theirs are among them, whether they come from strings or not. Of TLS, the
 * plain bytes are recorded.
 *
 * **Not seen:** ports and connections from before, datagrams, serial ports (whose transports can do
 * more than a recorded one), processes that are not used as connections, and protocols that are
 * handed over without a factory: `connectStream`, `openStdio`, `adoptStreamConnection`. Wrap the
 * factory of those yourself, with {@link recordFactory}.
 *
 * @returns Ends it: the reactor has its own methods again, and connections that are recorded stay
 * so. Not needed where the process ends.
 *
 * @example
 * ```ts
 * import { Factory, Protocol } from "sennit/internet";
 * import { MemoryRecordings, Recorder, recordReactor } from "sennit/recorder";
 * import { MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor();
 * const recorder = new Recorder({ reactor, store: new MemoryRecordings() });
 * const end = recordReactor(reactor, recorder);
 * reactor.listenTCP(7, Factory.forProtocol(Protocol)); // recorded
 * end();
 * ```
 */
export function recordReactor(reactor: IReactorCore, recorder: Recorder): () => void {
  const hooks = new Hooks(reactor, recorder);
  if (reactor.provides(IReactorTCP)) hookTCP(reactor, hooks);
  if (reactor.provides(IReactorSSL)) hookSSL(reactor, hooks);
  if (reactor.provides(IReactorUNIX)) hookUNIX(reactor, hooks);
  if (reactor.provides(IReactorSocket)) hookSocket(reactor, hooks);
  if (reactor.provides(IReactorStdio)) hookStdio(reactor, hooks);
  if (reactor.provides(IReactorProcess)) hookProcess(reactor, hooks);
  return () => hooks.undo();
}
