/**
 * A chat of rooms, over lines of text: several people talk with `nc` or `telnet`.
 *
 *     npm start                                       on 127.0.0.1:8023
 *     npm start -- tcp:8023 idleTimeout=60            for everybody who reaches this machine
 *     nc 127.0.0.1 8023                               in other terminals
 *
 * The arguments are an endpoint and any of {@link TownhallOptions}.
 *
 *     bytes ──▶ townhall-protocol ──▶ commands ──▶ conversation ──▶ rooms
 *               telnet-filter         what is      who hears        who is
 *               plain-text            wanted       what             where
 *               flood-limit, idle-watch
 *
 * @module
 */
import { type ServiceContext, UsageError } from "sennit/application";
import type { Deferred } from "sennit/defer";
import {
  EndpointDescriptionError,
  type IAddress,
  type IStreamServerEndpoint,
  IPv4Address,
  IPv6Address,
  serverFromString,
} from "sennit/internet";
import type { Logger } from "sennit/logger";
import { StreamServerEndpointService } from "sennit/service";
import { readArguments } from "./arguments.ts";
import { TownhallFactory } from "./townhall-factory.ts";

/** A town hall that listens, and says how to get there. */
export class TownhallService extends StreamServerEndpointService {
  readonly #log: Logger;

  constructor(endpoint: IStreamServerEndpoint, factory: TownhallFactory, log: Logger) {
    super(endpoint, factory, { name: "townhall", clock: factory.clock });
    this.#log = log;
  }

  override startService(): Deferred<void> {
    return super.startService().addCallback(() => {
      const address = this.port?.getHost();
      if (address === undefined) return;
      this.#log.info("The town hall is open. Join it: {command}", { command: joining(address) });
    });
  }
}

/** What to type on this machine to come in. */
function joining(address: IAddress): string {
  if (address instanceof IPv4Address) {
    const host = address.host === "0.0.0.0" ? "127.0.0.1" : address.host;
    return `nc ${host} ${String(address.port)}`;
  }
  if (address instanceof IPv6Address) {
    const host = address.host === "::" ? "::1" : address.host;
    return `nc ${host} ${String(address.port)}`;
  }
  return `socat - ${address.toString()}`;
}

/**
 * The service, for `sennit run`.
 *
 * @throws {UsageError} An argument that makes no sense.
 */
export default function townhall({ reactor, args, log }: ServiceContext): TownhallService {
  try {
    const { endpoint, options } = readArguments(args);
    const factory = new TownhallFactory({ ...options, clock: reactor, log });
    return new TownhallService(serverFromString(reactor, endpoint), factory, log);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof EndpointDescriptionError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
