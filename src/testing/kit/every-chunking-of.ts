/**
 * A protocol, given the same bytes in every way they may arrive.
 *
 * @module
 */
import type { IProtocol } from "../../internet/interfaces-transport.ts";
import { StringTransport } from "../string-transport.ts";
import { type Chunking, type ChunkingOptions, everyChunking } from "./every-chunking.ts";
import { catchLoggedErrors } from "./logged-errors.ts";

/** Options of {@link everyChunkingOf}. */
export interface ProtocolChunkingOptions<P extends IProtocol> extends ChunkingOptions {
  /** What else is to be the same, asked when all bytes have been given: what the protocol saw. */
  readonly events?: (protocol: P) => unknown;
}

/**
 * {@link everyChunking} for a protocol: expect that it writes the same bytes, and ends the
 * connection in the same way or not at all, wherever the bytes that it is given are cut.
 *
 * Each way has a protocol, a transport and a reactor in memory of its own; time stands still there.
 * Bytes that come while the protocol pauses, or after it has closed, are not given. An error that
 * is logged, as is what a protocol throws, counts as thrown.
 *
 * @param make Called for each way.
 * @throws {AssertionError} As {@link everyChunking}.
 *
 * @example
 * ```ts
 * import { LineReceiver } from "sennit/protocols";
 * import { everyChunkingOf } from "sennit/testing";
 *
 * class Shout extends LineReceiver {
 *   override lineReceived(line: Buffer): void {
 *     this.sendLine(line.toString().toUpperCase());
 *   }
 * }
 * everyChunkingOf(() => new Shout(), "hello\r\nyou\r\n");
 * ```
 */
export function everyChunkingOf<P extends IProtocol>(
  make: () => P,
  bytes: Uint8Array | string,
  options: ProtocolChunkingOptions<P> = {},
): Chunking {
  const { events = () => undefined, ...cutting } = options;
  using errors = catchLoggedErrors();
  const feed = (pieces: readonly Buffer[]): unknown => {
    const protocol = make();
    const transport = new StringTransport();
    transport.connect(protocol);
    for (const piece of pieces) {
      if (transport.reading) transport.deliver(piece);
    }
    const written = transport.value().toString("latin1");
    const [broken] = errors.flush();
    if (broken !== undefined) throw broken.value;
    return { written, connection: transport.end, events: events(protocol) };
  };
  return everyChunking(bytes, feed, cutting);
}
