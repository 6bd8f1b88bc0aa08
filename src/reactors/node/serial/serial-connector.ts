/**
 * A client of a serial port.
 *
 * @module
 */
import { Deferred } from "../../../defer/deferred.ts";
import { Failure } from "../../../defer/failure.ts";
import { OptionalPackageError } from "../../../core/optional-package.ts";
import { NoAddress } from "../../../internet/addresses.ts";
import { ConnectingCancelledError } from "../../../internet/errors.ts";
import { ClientFactory } from "../../../internet/factory.ts";
import type { IClientFactory, IConnector } from "../../../internet/interfaces-factory.ts";
import {
  CannotOpenSerialPortError,
  type ISerialTransport,
  type SerialPortOptions,
} from "../../../internet/interfaces-serial.ts";
import type { IProtocol } from "../../../internet/interfaces-transport.ts";
import { type Attempt, Connector } from "../../base/connector.ts";
import type { ReactorBase } from "../../base/reactor-base.ts";
import { SerialConduit } from "./serial-conduit.ts";
import { installedLibrary, type OpenSerial, type SerialHandle } from "./serial-library.ts";
import { checkedSerial, openOptions } from "./serial-options.ts";
import { SerialTransport } from "./serial-transport.ts";

/** What a {@link SerialConnector} is made of. */
export interface SerialPlace {
  readonly path: string;
  readonly factory: IClientFactory;
  readonly options: SerialPortOptions;
  /** Default: the package `serialport`. */
  readonly library?: () => Promise<OpenSerial>;
}

/** See the top of this file. */
export class SerialConnector extends Connector {
  readonly #reactor: ReactorBase;
  readonly #path: string;
  readonly #address: NoAddress;
  readonly #options: SerialPortOptions;
  readonly #library: () => Promise<OpenSerial>;
  #conduit: SerialConduit | undefined;
  #transport: SerialTransport | undefined;

  /** @throws {RangeError} No such option. */
  constructor(
    reactor: ReactorBase,
    { path, factory, options, library = installedLibrary }: SerialPlace,
  ) {
    super(reactor, factory, options.timeout);
    this.#reactor = reactor;
    this.#path = path;
    this.#address = new NoAddress(path);
    this.#options = checkedSerial(path, options);
    this.#library = library;
  }

  /** The port, from its `connectionMade` on. */
  get transport(): SerialTransport | undefined {
    return this.#transport;
  }

  getDestination(): NoAddress {
    return this.#address;
  }

  protected attempt(): Attempt {
    let wanted = true;
    void this.#open().then(
      (port) => {
        if (wanted) this.#opened(port);
        else close(port);
      },
      (error: unknown) => {
        if (wanted) this.failed(this.#errorOf(error));
      },
    );
    return {
      cancel: () => {
        wanted = false;
      },
    };
  }

  async #open(): Promise<SerialHandle> {
    const open = await this.#library();
    await this.#conduit?.closed; // The one before: until then somebody has the port, we.
    return open(openOptions(this.#path, this.#options));
  }

  #errorOf(error: unknown): Error {
    if (error instanceof OptionalPackageError) return error;
    const cause = Failure.of(error).value;
    const message = `Cannot open serial port ${this.#path}: ${cause.message}`;
    return new CannotOpenSerialPortError(message, this.#address, { cause });
  }

  #opened(port: SerialHandle): void {
    const reactor = this.#reactor;
    this.succeeded(
      this.#address,
      (ended) => {
        const conduit = new SerialConduit(reactor, port);
        this.#conduit = conduit;
        const addresses = { peer: this.#address, host: new NoAddress("serial port") };
        const parts = { reactor, conduit, limits: this.#options, ended, ...addresses };
        this.#transport = new SerialTransport(port, parts);
        return this.#transport;
      },
      () => close(port),
    );
  }
}

/** Nobody wants it. */
function close(port: SerialHandle): void {
  void port.close().catch(() => {}); // It is gone already.
}

/** What {@link openSerial} opens. */
export interface SerialOnce {
  readonly path: string;
  readonly protocol: IProtocol;
  readonly options: SerialPortOptions;
}

/** See `IReactorSerial.openSerial`. */
export function openSerial(
  reactor: ReactorBase,
  { path, protocol, options }: SerialOnce,
): Deferred<ISerialTransport> {
  const opened = new Deferred<ISerialTransport>((deferred) => {
    const destination = connector.getDestination();
    const message = `Cannot open serial port ${path}: the attempt was cancelled`;
    deferred.errback(new ConnectingCancelledError(message, destination));
    connector.disconnect();
  });
  const connector = new SerialConnector(reactor, {
    path,
    factory: new OnceFactory(protocol, opened, () => connector.transport),
    options,
  });
  connector.connect();
  return opened;
}

/** Gives one protocol, and tells how its connection came about. */
class OnceFactory extends ClientFactory<IProtocol> {
  override noisy = false;
  readonly #protocol: IProtocol;
  readonly #opened: Deferred<ISerialTransport>;
  readonly #transport: () => ISerialTransport | undefined;

  constructor(
    protocol: IProtocol,
    opened: Deferred<ISerialTransport>,
    transport: () => ISerialTransport | undefined,
  ) {
    super();
    this.#protocol = protocol;
    this.#opened = opened;
    this.#transport = transport;
  }

  override buildProtocol(): IProtocol {
    return this.#protocol;
  }

  override clientConnectionMade(): void {
    const transport = this.#transport();
    if (transport !== undefined && !this.#opened.called) this.#opened.callback(transport);
  }

  override clientConnectionFailed(_connector: IConnector, reason: Failure): void {
    if (!this.#opened.called) this.#opened.errback(reason);
  }

  override clientConnectionLost(_connector: IConnector, reason: Failure): void {
    if (!this.#opened.called) this.#opened.errback(reason);
  }
}
