/**
 * What a test leaves behind, and how that is told.
 *
 * @module
 */
import { safeString } from "../../core/text.ts";
import { Connector } from "../../reactors/base/connector.ts";
import { DatagramPort } from "../../reactors/base/datagram-port.ts";
import { ListeningPort } from "../../reactors/base/listening-port.ts";
import { ProcessTransport } from "../../reactors/base/process-transport.ts";
import { StreamTransport } from "../../reactors/base/stream-transport.ts";
import { Creators } from "./_creators.ts";
import type { WatchedReactor } from "./watched-reactor.ts";

/** One thing that is left. */
export interface Leftover {
  /** `a listening port: MemoryPort(0.0.0.0:80)`. */
  readonly what: string;
  /** Who made it, in lines; may be empty. */
  readonly creator: string;
}

const creators = new WeakMap<WatchedReactor, Creators>();

/** Note who makes what, from now on. @returns Stop that; does nothing if another had begun. */
export function noteCreators(reactor: WatchedReactor): () => void {
  if (creators.has(reactor)) return () => {};
  const noted = new Creators();
  creators.set(reactor, noted);
  const before = reactor.setWitness(noted);
  return () => {
    reactor.setWitness(before);
    creators.delete(reactor);
  };
}

/** What is left in this reactor now. */
export function leftIn(reactor: WatchedReactor): readonly Leftover[] {
  const noted = creators.get(reactor);
  const creatorOf = (what: object): string =>
    noted?.creatorOf(what) ?? "watchReactor() from the start would tell where it was made";
  const calls = reactor.getDelayedCalls().filter((call) => call.active);
  return [
    ...(reactor.open ?? []).map((one) => ({ what: nameOf(one), creator: creatorOf(one) })),
    ...calls.map((call) => ({ what: `a delayed call: ${show(call)}`, creator: creatorOf(call) })),
  ];
}

function nameOf(one: object): string {
  const name = show(one);
  if (one instanceof ListeningPort || one instanceof DatagramPort) return `a port: ${name}`;
  if (one instanceof Connector) return `an attempt to connect: ${name}`;
  if (one instanceof ProcessTransport) return `a process: ${name}`;
  if (!(one instanceof StreamTransport)) return `something open: ${name}`;
  const { protocol } = one;
  const whose = protocol === undefined ? "" : ` of ${protocol.constructor.name}`;
  return `a connection${whose}: ${name}`;
}

/** Its own words, or the name of its class. */
function show(one: object): string {
  const text = safeString(one);
  return text === "[object Object]" ? one.constructor.name : text;
}

/** All of it, for a person: what one maker has left stands together. */
export function reportOf(left: readonly Leftover[]): string {
  const byCreator = new Map<string, string[]>();
  for (const { what, creator } of left) {
    byCreator.set(creator, [...(byCreator.get(creator) ?? []), `  ${what}`]);
  }
  const things = left.length === 1 ? "1 thing" : `${String(left.length)} things`;
  const groups = [...byCreator].map(([creator, whats]) => {
    const lines = creator === "" ? [] : creator.split("\n").map((line) => `      ${line}`);
    return [...whats, ...lines].join("\n");
  });
  return [`Expected nothing to be left behind, found ${things}:`, ...groups].join("\n\n");
}
