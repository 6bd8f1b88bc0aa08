/**
 * Protocols that many others are made of: so far, those of lines.
 *
 * Start with {@link LineReceiver}, or with {@link LineOnlyReceiver} when nothing but lines comes.
 * The wire half is exported for people who bring their own transport.
 *
 * @example
 * ```ts
 * import { Factory } from "sennit/internet";
 * import { LineReceiver } from "sennit/protocols";
 *
 * class Greeter extends LineReceiver {
 *   override connectionMade(): void {
 *     this.sendLine("What is your name?");
 *   }
 *   override lineReceived(line: Buffer): void {
 *     this.sendLine(`Hello, ${line.toString()}!`);
 *     this.transport.loseConnection();
 *   }
 * }
 * const factory = Factory.forProtocol(Greeter); // reactor.listenTCP(8000, factory)
 * ```
 *
 * @module protocols
 */

// Lines
export { LineOnlyReceiver } from "./line-only-receiver.ts";
export { LineReceiver } from "./line-receiver.ts";

// Wire half
export { encodeLine } from "./wire/encode-line.ts";
export { LineSplitter } from "./wire/line-splitter.ts";
export type { LineSplitterEvent, LineSplitterOptions } from "./wire/line-splitter.ts";
