/**
 * A simulated proxy in front of several servers, with the bounds that were drawn for it: what it
 * has open and holds can be seen.
 *
 * @module
 */
import type { Deferred } from "../../src/defer/deferred.ts";
import { HostnameEndpoint } from "../../src/internet/endpoints/hostname-endpoint.ts";
import type {
  IListeningPort,
  IProtocolFactory,
  IStreamClientEndpoint,
} from "../../src/internet/interfaces-factory.ts";
import type { IProtocol, ITransport } from "../../src/internet/interfaces-transport.ts";
import { Protocol } from "../../src/internet/protocol.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";
import { ReverseProxyResource } from "../../src/web/proxy/reverse-proxy-resource.ts";
import { Resource } from "../../src/web/server/resource.ts";
import { Site } from "../../src/web/server/site.ts";
import { WEB_PORT } from "./web-browser.ts";

/** A server behind a proxy. */
export interface Behind {
  /** Its path: `back1`. */
  readonly place: string;
  readonly host: string;
  readonly port: number;
}

/** The bounds of a proxy: see `UpstreamPoolOptions`. */
export interface GatewayPlan {
  readonly maxConnections: number;
  readonly maxWaiting: number;
  readonly maxIdle: number;
}

/** Draw them. Shrinking makes them wide. */
export function drawGatewayPlan(sim: Simulation): GatewayPlan {
  return {
    maxConnections: sim.oneOf([512, 512, 1, 2]),
    maxWaiting: sim.oneOf([1024, 1024, 0, 1]),
    maxIdle: sim.oneOf([32, 32, 0, 1]),
  };
}

/**
 * Less than the minute that is usual, so that a run is short. With the 10 s in the line, and the
 * 10 s for each of two connections, an answer begins, or its failure, within a minute.
 */
const DEADLINES = { headTimeout: 15, bodyTimeout: 15, writeTimeout: 15 };

/** See the top of this file. One run of the program. */
export class Gateway {
  readonly port: IListeningPort;
  readonly #proxies: ReverseProxyResource[] = [];
  readonly #ways: WatchedWay[] = [];
  /** Has it stopped, with nothing left? */
  isClosed = false;

  constructor(reactor: SimulatedReactor, plan: GatewayPlan, servers: readonly Behind[]) {
    const root = new Resource();
    for (const { place, host, port } of servers) {
      const way = new WatchedWay(new HostnameEndpoint(reactor, host, port));
      const proxy = new ReverseProxyResource(way, { reactor, ...DEADLINES, ...plan });
      this.#ways.push(way);
      this.#proxies.push(proxy);
      root.putChild(place, proxy);
    }
    this.port = reactor.listenTCP(WEB_PORT, new Site(root, { reactor }));
  }

  /** Bytes that wait to be sent on one of its connections, at most. */
  get held(): number {
    let held = 0;
    const count = ({ bufferedBytes }: ITransport): void => {
      held = Math.max(held, bufferedBytes);
    };
    this.port.connections.forEach(count);
    for (const { open } of this.#ways) open.forEach(count);
    return held;
  }

  /** Connections to one of the servers behind that are open or being made, at most. */
  get busiest(): number {
    return Math.max(...this.#ways.map(({ size }) => size));
  }

  /** Ask nobody any more. */
  async close(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    this.isClosed = true;
  }
}

/** An endpoint that knows what it has connected. */
class WatchedWay implements IStreamClientEndpoint {
  readonly #endpoint: IStreamClientEndpoint;
  readonly #open = new Set<ITransport>();
  #attempts = 0;

  constructor(endpoint: IStreamClientEndpoint) {
    this.#endpoint = endpoint;
  }

  connect<P extends IProtocol>(factory: IProtocolFactory<P>): Deferred<P> {
    this.#attempts += 1;
    return this.#endpoint.connect(factory).addCallbacks(
      (protocol) => {
        this.#attempts -= 1;
        if (protocol instanceof Protocol) this.#open.add(protocol.transport);
        return protocol;
      },
      (failure) => {
        this.#attempts -= 1;
        return failure;
      },
    );
  }

  /** What is open. */
  get open(): ReadonlySet<ITransport> {
    for (const one of this.#open) if (one.disconnected) this.#open.delete(one);
    return this.#open;
  }

  get size(): number {
    return this.#attempts + this.open.size;
  }

  toString(): string {
    return this.#endpoint.toString();
  }
}
