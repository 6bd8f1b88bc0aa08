/**
 * A chat of rooms: several people talk over lines of text with `nc` or `telnet`, or in a browser.
 *
 *     npm start                          on 127.0.0.1:8023, and a page on 127.0.0.1:8080
 *     npm start -- tcp:8023 web=tcp:8080 idleTimeout=60    for everybody who reaches this machine
 *     nc 127.0.0.1 8023                  in other terminals
 *
 * The arguments are an endpoint, one for the page as `web=`, and any of {@link TownhallOptions}.
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
  type IProtocolFactory,
  type IStreamServerEndpoint,
  IPv4Address,
  IPv6Address,
  serverFromString,
} from "sennit/internet";
import type { Logger } from "sennit/logger";
import { MultiService, StreamServerEndpointService } from "sennit/service";
import { readArguments } from "./arguments.ts";
import { TownhallFactory } from "./townhall-factory.ts";
import type { TownhallClock } from "./townhall-protocol.ts";
import { townhallSite } from "./townhall-site.ts";

/** One of the doors of a town hall, which says how to get in. */
class Door extends StreamServerEndpointService {
  readonly #told: (address: IAddress) => void;

  constructor(endpoint: IStreamServerEndpoint, factory: IProtocolFactory, parts: DoorParts) {
    super(endpoint, factory, { name: parts.name, clock: parts.clock });
    this.#told = parts.told;
  }

  override startService(): Deferred<void> {
    return super.startService().addCallback(() => {
      const address = this.port?.getHost();
      if (address !== undefined) this.#told(address);
    });
  }
}

interface DoorParts {
  readonly name: string;
  readonly clock: TownhallClock;
  /** Called when it is open. */
  readonly told: (address: IAddress) => void;
}

/** What a town hall is made of. */
export interface TownhallParts {
  /** Where lines come in. */
  readonly endpoint: IStreamServerEndpoint;
  /** Where browsers come in; `undefined`: nowhere. */
  readonly web: IStreamServerEndpoint | undefined;
  readonly factory: TownhallFactory;
  readonly log: Logger;
}

/** A town hall that listens, and says how to get there. */
export class TownhallService extends MultiService {
  constructor({ endpoint, web, factory, log }: TownhallParts) {
    const { clock } = factory;
    super({ name: "townhall", clock });
    const told = (address: IAddress): void => {
      log.info("The town hall is open. Join it: {command}", { command: joining(address) });
    };
    void new Door(endpoint, factory, { name: "lines", clock, told }).setServiceParent(this);
    if (web === undefined) return;
    const pageTold = (address: IAddress): void => {
      log.info("In a browser: {url}", { url: pageAddress(address) });
    };
    const site = townhallSite(factory, clock);
    void new Door(web, site, { name: "page", clock, told: pageTold }).setServiceParent(this);
  }
}

/** What to type on this machine to come in. */
function joining(address: IAddress): string {
  const place = placeOf(address);
  return place === undefined
    ? `socat - ${address.toString()}`
    : `nc ${place.host} ${String(place.port)}`;
}

/** What to open in a browser on this machine. */
function pageAddress(address: IAddress): string {
  const place = placeOf(address);
  if (place === undefined) return address.toString();
  const host = place.host.includes(":") ? `[${place.host}]` : place.host;
  return `http://${host}:${String(place.port)}/`;
}

/** Where to connect to from this machine. */
function placeOf(address: IAddress): { readonly host: string; readonly port: number } | undefined {
  if (address instanceof IPv4Address) {
    return { host: address.host === "0.0.0.0" ? "127.0.0.1" : address.host, port: address.port };
  }
  if (address instanceof IPv6Address) {
    return { host: address.host === "::" ? "::1" : address.host, port: address.port };
  }
  return undefined;
}

/**
 * The service, for `sennit run`.
 *
 * @throws {UsageError} An argument that makes no sense.
 */
export default function townhall({ reactor, args, log }: ServiceContext): TownhallService {
  try {
    const { endpoint, web, options } = readArguments(args);
    const factory = new TownhallFactory({ ...options, clock: reactor, log });
    const doors = {
      endpoint: serverFromString(reactor, endpoint),
      web: web === undefined ? undefined : serverFromString(reactor, web),
    };
    return new TownhallService({ ...doors, factory, log });
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof EndpointDescriptionError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
