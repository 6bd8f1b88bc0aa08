/**
 * Two protocols talking to each other in memory, step by step.
 *
 * After: twisted.test.iosim.connect.
 *
 * @module
 */
import { IPv4Address } from "../internet/addresses.ts";
import type { ConnectionLimits } from "../internet/interfaces-reactor.ts";
import type { IProtocol } from "../internet/interfaces-transport.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { type MemoryTransport, MemoryWire } from "../reactors/memory/memory-wire.ts";

/** How long {@link Pump.until} waits: longer than the time-outs of most protocols. */
const UNTIL_SECONDS = 60;

/** Options of {@link connect}. */
export interface ConnectOptions extends ConnectionLimits {
  /** Whose time and turns the two live in. Default: one of their own. */
  readonly reactor?: MemoryReactor;
  /** Longest piece that arrives in one `dataReceived`. Default: as it was sent. */
  readonly chunkBytes?: number;
}

/** Moves what two protocols say to each other. */
export interface Pump {
  readonly reactor: MemoryReactor;
  readonly client: MemoryTransport;
  readonly server: MemoryTransport;
  /** One step: what is due now, and one piece each way. @returns Did anything happen? */
  pump(): boolean;
  /** Steps until nothing is left to move. Time stands still. */
  flush(): void;
  /** Move time, and all that becomes ready by it. */
  advance(seconds: number): void;
  /**
   * Flush, and move time from one due call to the next, until `condition` holds. It is asked
   * whenever all is at rest.
   *
   * @param within Seconds after which it is given up. Default: 60.
   * @throws {Error} It does not hold by then, or nothing is left that could bring it about.
   */
  until(condition: () => boolean, within?: number): void;
  /** Close the client, flush, close the server, flush: then nothing of the connection is open. */
  close(): void;
}

/**
 * Connect `client` and `server` over a wire in memory. Both have had `connectionMade`, the server
 * first, when this returns; nothing else has been moved.
 *
 * @throws {RangeError} A `chunkBytes` that is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { Protocol } from "sennit/internet";
 * import { connect } from "sennit/testing";
 *
 * class Hello extends Protocol {
 *   override connectionMade(): void {
 *     this.transport.write("hello");
 *   }
 * }
 * const pump = connect(new Protocol(), new Hello());
 * pump.flush();
 * ```
 */
export function connect(client: IProtocol, server: IProtocol, options: ConnectOptions = {}): Pump {
  const { reactor = new MemoryReactor(), chunkBytes, ...limits } = options;
  if (chunkBytes !== undefined && !(Number.isInteger(chunkBytes) && chunkBytes > 0)) {
    throw new RangeError(`Cannot cut into ${String(chunkBytes)} bytes: expected 1 or more`);
  }
  const wire = new MemoryWire(
    {
      reactor,
      limits,
      address: new IPv4Address("TCP", "127.0.0.1", reactor.network.ephemeralPort()),
    },
    { reactor, limits, address: new IPv4Address("TCP", "127.0.0.1", 80) },
    chunkBytes === undefined ? {} : { chunkBytes },
  );
  reactor.network.addWire(wire);
  wire.server.begin(server);
  wire.client.begin(client);
  return {
    reactor,
    client: wire.client,
    server: wire.server,
    pump: () => reactor.turn(),
    flush: () => reactor.flush(),
    advance: (seconds) => reactor.advance(seconds),
    until: (condition, within = UNTIL_SECONDS) => until(reactor, condition, within),
    close: () => {
      for (const end of [wire.client, wire.server]) {
        end.loseConnection();
        reactor.flush();
      }
    },
  };
}

function until(reactor: MemoryReactor, condition: () => boolean, within: number): void {
  const end = reactor.seconds() + within;
  reactor.flush();
  while (!condition()) {
    const next = Math.min(...reactor.getDelayedCalls().map((call) => call.getTime()));
    if (next > end) {
      const waited = String(within);
      throw new Error(`Expected within ${waited} seconds, found at rest: ${String(condition)}`);
    }
    reactor.advance(next - reactor.seconds());
  }
}
