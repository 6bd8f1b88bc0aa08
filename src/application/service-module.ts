/**
 * What a service module exports, and what it is given.
 *
 * @module
 */
import type { Eventual } from "../defer/deferred.ts";
import type {
  IReactorCore,
  IReactorFromThreads,
  IReactorRandom,
  IReactorTCP,
  IReactorTime,
} from "../internet/interfaces-reactor.ts";
import type { Logger } from "../logger/logger.ts";
import type { IService } from "../service/interfaces.ts";

/** What every reactor that runs a service module can do; `reactor.provides` asks for more. */
export type ServiceReactor = IReactorCore &
  IReactorTime &
  IReactorFromThreads &
  IReactorRandom &
  IReactorTCP;

/** What a service module is given. */
export interface ServiceContext {
  /** Not running yet when the module is asked for its service. */
  readonly reactor: ServiceReactor;
  /** What followed the module on the command line, untouched. */
  readonly args: readonly string[];
  /** A log of the module's own, named after it. */
  readonly log: Logger;
}

/**
 * What a service module exports as `default` or `service`, unless it exports the service itself.
 * It throws `UsageError` for arguments that make no sense.
 */
export type ServiceMaker = (context: ServiceContext) => Eventual<IService>;
