/**
 * The reactor of a program on a simulated host. The program cannot tell it from a real one.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import type { Capability } from "../../internet/capabilities.ts";
import type {
  IClientFactory,
  IConnector,
  IListeningPort,
  IProtocolFactory,
} from "../../internet/interfaces-factory.ts";
import {
  type ConnectTCPOptions,
  IReactorRandom,
  IReactorTCP,
  IReactorWallClock,
  type ListenTCPOptions,
} from "../../internet/interfaces-reactor.ts";
import {
  type IHostnameResolver,
  IReactorPluggableNameResolver,
} from "../../internet/interfaces-resolver.ts";
import { StaticResolver } from "../../internet/names/static-resolver.ts";
import { checkedPort } from "../../internet/ports.ts";
import { PluggableNames } from "../base/pluggable-names.ts";
import type { RandomStream } from "./choices.ts";
import type { SimulatedEvent } from "./event-queue.ts";
import type { Machine } from "./machine.ts";
import { SimulatedSystem } from "./system.ts";
import { SimulatedConnector } from "./tcp/connector.ts";
import { SimulatedPort } from "./tcp/port.ts";

const TWO_TO_32 = 0x1_0000_0000;

/** See the top of this file. */
export class SimulatedReactor
  extends SimulatedSystem
  implements
    IReactorTCP,
    IReactorRandom,
    IReactorWallClock,
    IReactorPluggableNameResolver,
    SimulatedEvent
{
  readonly machine: Machine;
  #alive = true;
  /** When delayed calls are due. */
  #alarmAt: number | undefined;
  /** The earliest time for which the queue has an event of ours. */
  #queuedAt = Number.POSITIVE_INFINITY;
  #random: RandomStream | undefined;
  readonly #names = new PluggableNames(this, new StaticResolver(this, { localhost: "127.0.0.1" }));

  /** Made by its host, at each start of its program. */
  constructor(machine: Machine) {
    super();
    this.machine = machine;
  }

  protected capabilities(): readonly Capability<unknown>[] {
    return [IReactorTCP, IReactorRandom, IReactorWallClock, IReactorPluggableNameResolver];
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Its program has ended, and nobody asked it. Its host calls it. */
  die(): void {
    this.#alive = false;
  }

  // -- Time

  seconds(): number {
    return this.machine.world.now;
  }

  wallClock(): number {
    const { world, skew } = this.machine;
    return world.epoch + world.now + skew;
  }

  soon(f: () => void): void {
    this.machine.world.soon(this, f);
  }

  later(f: () => void): void {
    const { world } = this.machine;
    world.at(world.now + world.passTime, new Later(this, f));
  }

  protected setAlarm(seconds: number | undefined): void {
    if (seconds === undefined) {
      this.#alarmAt = undefined;
      return;
    }
    const { world } = this.machine;
    const at = world.now + (seconds === 0 ? world.passTime : seconds);
    this.#alarmAt = at;
    if (at < this.#queuedAt) {
      this.#queuedAt = at;
      world.at(at, this);
    }
  }

  /** The alarm, or one that is out of date. */
  happen(): void {
    const { world, stalledUntil } = this.machine;
    if (!this.#alive || world.now !== this.#queuedAt) return;
    this.#queuedAt = Number.POSITIVE_INFINITY;
    if (this.#alarmAt === undefined) return;
    const at = Math.max(this.#alarmAt, stalledUntil);
    if (at > world.now) {
      this.#queuedAt = at;
      world.at(at, this);
      return;
    }
    this.#alarmAt = undefined;
    world.currentHost = this.machine;
    world.trace.note("timers", this.machine);
    this.runDelayedCalls();
  }

  // -- Life cycle

  protected started(): void {}

  protected stopped(): void {}

  fatal(error: Error): void {
    if (this.#alive) this.machine.world.fail(error);
  }

  // -- TCP

  listenTCP(
    port: number,
    factory: IProtocolFactory,
    options: ListenTCPOptions = {},
  ): IListeningPort {
    const listening = new SimulatedPort(this, { port: checkedPort(port), factory, options });
    listening.startListening();
    return listening;
  }

  connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options: ConnectTCPOptions = {},
  ): IConnector {
    const place = { host, port: checkedPort(port), factory, options };
    const connector = new SimulatedConnector(this, place);
    connector.connect();
    return connector;
  }

  // -- Names

  get nameResolver(): IHostnameResolver {
    return this.#names.nameResolver;
  }

  installNameResolver(resolver: IHostnameResolver): IHostnameResolver {
    return this.#names.install(resolver);
  }

  resolve(name: string, timeouts?: readonly number[]): Deferred<string> {
    return this.#names.resolve(name, timeouts);
  }

  // -- Chance: the program's own

  #chance(): RandomStream {
    const { world, name } = this.machine;
    this.#random ??= world.choices.random(`app:${name}#${String(this.machine.boot)}`);
    return this.#random;
  }

  random(): number {
    return this.#chance().next() / TWO_TO_32;
  }

  randomBytes(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count);
    for (let at = 0; at < count; at += 1) bytes[at] = this.#chance().next() >>> 24;
    return bytes;
  }
}

/** A call in a later pass. */
class Later implements SimulatedEvent {
  readonly #reactor: SimulatedReactor;
  readonly #f: () => void;

  constructor(reactor: SimulatedReactor, f: () => void) {
    this.#reactor = reactor;
    this.#f = f;
  }

  happen(): void {
    const { machine, alive } = this.#reactor;
    if (!alive) return;
    const { world, stalledUntil } = machine;
    if (stalledUntil > world.now) {
      world.at(stalledUntil, this);
      return;
    }
    world.currentHost = machine;
    this.#f();
  }
}
