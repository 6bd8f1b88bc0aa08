/**
 * A client's connection as a stream.
 *
 * @module
 */
import type { Deferred } from "../defer/deferred.ts";
import { Factory } from "../internet/factory.ts";
import type { AbortOptions, IStreamClientEndpoint } from "../internet/interfaces-factory.ts";
import type { StreamConnection } from "./stream-connection.ts";
import { type StreamOptions, StreamProtocol } from "./stream-protocol.ts";

/**
 * Connect to an endpoint, and have the connection as a stream.
 *
 * @returns Fires with the connection. Fails, or is cancelled, as the endpoint's own `connect`.
 *
 * @example
 * ```ts
 * import { clientFromString, Factory, serverFromString } from "sennit/internet";
 * import { LineReceiver } from "sennit/protocols";
 * import { connect } from "sennit/streams";
 * import { reactor } from "sennit/reactor";
 *
 * class Greeter extends LineReceiver {
 *   override lineReceived(line: Buffer): void {
 *     this.sendLine(`Hello, ${line.toString()}!`);
 *     this.transport.loseConnection();
 *   }
 * }
 * const server = serverFromString(reactor, "tcp:0:interface=127.0.0.1");
 * const port = await server.listen(Factory.forProtocol(Greeter));
 *
 * const connection = await connect(clientFromString(reactor, `tcp:${port.getHost()}`));
 * await connection.write("Ada\r\n");
 * for await (const chunk of connection) console.log(chunk.toString()); // Hello, Ada!
 * await connection.close();
 * await port.stopListening();
 * ```
 */
export function connect(
  endpoint: IStreamClientEndpoint,
  options: StreamOptions & AbortOptions = {},
): Deferred<StreamConnection> {
  const factory = Factory.building(() => new StreamProtocol(options));
  factory.noisy = false;
  return endpoint
    .connect(factory, { signal: options.signal })
    .addCallback((connection): StreamConnection => connection);
}
