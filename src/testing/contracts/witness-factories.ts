/**
 * Factories of witnesses, which write down what ports and connectors ask of them.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import { ClientFactory, Factory } from "../../internet/factory.ts";
import type { IConnector } from "../../internet/interfaces-factory.ts";
import type { IProtocol } from "../../internet/interfaces-transport.ts";

/** Makes the protocol of a connection; `undefined` refuses it. */
export type Build = (address: IAddress) => IProtocol | undefined;

/** A server's factory. */
export class WitnessFactory extends Factory<IProtocol> {
  override noisy = false;
  /** `start`, `stop` and `build`, in order. */
  readonly asked: string[] = [];
  /** The address of each connection. */
  readonly addresses: IAddress[] = [];
  readonly #build: Build;

  constructor(build: Build) {
    super();
    this.#build = build;
  }

  override startFactory(): void {
    this.asked.push("start");
  }

  override stopFactory(): void {
    this.asked.push("stop");
  }

  override buildProtocol(address: IAddress): IProtocol | undefined {
    this.asked.push("build");
    this.addresses.push(address);
    return this.#build(address);
  }
}

/** What a {@link WitnessClientFactory} does besides writing down. */
export interface ClientHooks {
  readonly connecting?: (connector: IConnector) => void;
  readonly made?: (connector: IConnector) => void;
  readonly failed?: (connector: IConnector, reason: Failure) => void;
  readonly lost?: (connector: IConnector, reason: Failure) => void;
}

/** A client's factory. */
export class WitnessClientFactory extends ClientFactory<IProtocol> {
  override noisy = false;
  /** `start`, `connecting`, `build`, `made`, `failed`, `lost` and `stop`, in order. */
  readonly asked: string[] = [];
  /** Why attempts failed and connections ended. */
  readonly reasons: Failure[] = [];
  readonly addresses: IAddress[] = [];
  readonly #build: Build;
  readonly #hooks: ClientHooks;

  constructor(build: Build, hooks: ClientHooks = {}) {
    super();
    this.#build = build;
    this.#hooks = hooks;
  }

  /** How often it was asked that. */
  count(what: string): number {
    return this.asked.filter((one) => one === what).length;
  }

  override startFactory(): void {
    this.asked.push("start");
  }

  override stopFactory(): void {
    this.asked.push("stop");
  }

  override buildProtocol(address: IAddress): IProtocol | undefined {
    this.asked.push("build");
    this.addresses.push(address);
    return this.#build(address);
  }

  override startedConnecting(connector: IConnector): void {
    this.asked.push("connecting");
    this.#hooks.connecting?.(connector);
  }

  override clientConnectionMade(connector: IConnector): void {
    this.asked.push("made");
    this.#hooks.made?.(connector);
  }

  override clientConnectionFailed(connector: IConnector, reason: Failure): void {
    this.asked.push("failed");
    this.reasons.push(reason);
    this.#hooks.failed?.(connector, reason);
  }

  override clientConnectionLost(connector: IConnector, reason: Failure): void {
    this.asked.push("lost");
    this.reasons.push(reason);
    this.#hooks.lost?.(connector, reason);
  }
}
