/**
 * Connections as streams, for code that wants to read and write and not be called: any endpoint's,
 * on any reactor, as a Duplex of Node's, as streams of the web, or with `for await`. The reader
 * sets the pace, whatever the peer does.
 *
 * The other direction, any Duplex as a transport, is the reactor's: `reactor.connectStream`.
 *
 * @example
 * ```ts
 * import { clientFromString, serverFromString } from "sennit/internet";
 * import { connect, listen, type StreamConnection } from "sennit/streams";
 * import { reactor } from "sennit/reactor";
 *
 * async function shout(connection: StreamConnection): Promise<void> {
 *   for await (const chunk of connection) await connection.write(chunk.toString().toUpperCase());
 *   await connection.close();
 * }
 * const server = listen(serverFromString(reactor, "tcp:0:interface=127.0.0.1"));
 * const port = await server.listening;
 * const client = await connect(clientFromString(reactor, `tcp:${port.getHost()}`));
 * await client.write("psst");
 * await client.end();
 *
 * for await (const connection of server) {
 *   await shout(connection); // a server with many clients would not wait here
 *   break;
 * }
 * for await (const chunk of client) console.log(chunk.toString()); // PSST
 * await client.close();
 * ```
 *
 * @module streams
 */

// Connections
export { connect } from "./connect.ts";
export { type ConnectionListener, listen, type ListenOptions } from "./listen.ts";
export type { StreamConnection } from "./stream-connection.ts";

// The protocol behind them
export {
  type StreamOptions,
  StreamProtocol,
  type StreamProtocolOptions,
} from "./stream-protocol.ts";

// Errors
export { StreamStateError } from "./errors.ts";
