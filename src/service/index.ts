/**
 * Services: the parts of a program, started in order and stopped in the reverse order.
 *
 * `sennit run` and `runApplication` run one; a {@link MultiService} makes one of many.
 *
 * @example
 * ```ts
 * import { Factory, Protocol, serverFromString } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 * import { MultiService, StreamServerEndpointService } from "sennit/service";
 *
 * const app = new MultiService({ clock: reactor });
 * const endpoint = serverFromString(reactor, "tcp:0:interface=127.0.0.1");
 * await app.addService(
 *   new StreamServerEndpointService(endpoint, Factory.forProtocol(Protocol), { name: "echo" }),
 * );
 * await app.startService();
 * await app.stopService();
 * ```
 *
 * @module service
 */

// Contracts
export {
  type IService,
  type IServiceCollection,
  type IStopBound,
  providesService,
  providesStopBound,
} from "./interfaces.ts";

// Services
export { MultiService, type MultiServiceOptions } from "./multi-service.ts";
export { Service } from "./service.ts";
export {
  StreamServerEndpointService,
  type StreamServerEndpointServiceOptions,
} from "./stream-server-endpoint-service.ts";

// Errors
export {
  ServiceNameTakenError,
  ServiceParentError,
  ServiceStateError,
  ServiceStopError,
  ServiceStopTimeoutError,
  type StopProblem,
} from "./errors.ts";
