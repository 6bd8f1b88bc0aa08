/**
 * The base class of services.
 *
 * After: twisted.application.service.Service. Differs: a service that has a parent is not moved to
 * another by `setServiceParent`: stopping takes time, so disowning the first is a step of its own.
 *
 * @module
 */
import { INSPECT } from "../core/inspect.ts";
import { quote } from "../core/text.ts";
import type { Deferred, Eventual } from "../defer/deferred.ts";
import { ServiceParentError } from "./errors.ts";
import type { IService, IServiceCollection } from "./interfaces.ts";

/**
 * A part of a program. Override `startService` and `stopService`; they may be async.
 *
 * In yours, call `super.startService()` last, when all is there, and `super.stopService()` first:
 * `running` then tells the truth, also when a start fails.
 *
 * @example
 * ```ts
 * import { Service } from "sennit/service";
 *
 * class Heart extends Service {
 *   override startService(): void {
 *     console.log("beating");
 *     void super.startService();
 *   }
 * }
 * const heart = new Heart();
 * heart.startService();
 * ```
 */
export class Service implements IService, AsyncDisposable {
  #name: string | undefined;
  #parent: IServiceCollection | undefined;
  #running = false;

  get name(): string | undefined {
    return this.#name;
  }

  get running(): boolean {
    return this.#running;
  }

  get parent(): IServiceCollection | undefined {
    return this.#parent;
  }

  setName(name: string): void {
    if (this.#parent !== undefined) {
      throw new ServiceParentError(
        `Cannot name ${this.toString()} ${quote(name)}: it has a parent; disown that first`,
      );
    }
    this.#name = name;
  }

  setServiceParent(parent: IServiceCollection): Deferred<void> {
    if (this.#parent !== undefined) {
      throw new ServiceParentError(
        `Cannot give ${this.toString()} a parent: it has one; disown that first`,
      );
    }
    this.#parent = parent;
    try {
      return parent.addService(this);
    } catch (error) {
      this.#parent = undefined;
      throw error;
    }
  }

  disownServiceParent(): Deferred<void> {
    const parent = this.#parent;
    if (parent === undefined) {
      throw new ServiceParentError(`Cannot disown the parent of ${this.toString()}: it has none`);
    }
    this.#parent = undefined;
    return parent.removeService(this);
  }

  /** Override it for what wants privileges. Nothing here. */
  privilegedStartService(): Eventual<void> {}

  /** Start; override it. Sets `running`. */
  startService(): Eventual<void> {
    this.#running = true;
  }

  /** Stop; override it. Clears `running`. */
  stopService(): Eventual<void> {
    this.#running = false;
  }

  /** Stop, if it is running. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) await this.stopService();
  }

  /** `Heart("left", running)`. */
  toString(): string {
    const name = this.#name === undefined ? "" : `${quote(this.#name)}, `;
    return `${this.constructor.name}(${name}${this.running ? "running" : "not running"})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
