/**
 * What a contract suite needs of whoever runs it: a reactor to try, a way to let it work, and the
 * test runner.
 *
 * @module
 */
import type {
  IReactorCore,
  IReactorFromThreads,
  IReactorTime,
} from "../../internet/interfaces-reactor.ts";
import type { Network, Place } from "./network.ts";

/** What every reactor is; the rest is asked for with `provides`. */
export type ReactorUnderTest = IReactorCore & IReactorTime & IReactorFromThreads & AsyncDisposable;

/** One reactor, for one contract. */
export interface ReactorHarness {
  readonly reactor: ReactorUnderTest;
  /** Where ports listen and connectors go to. Default: `127.0.0.1`. */
  readonly host?: string;
  /** A POSIX shell that the reactor can start: `/bin/sh`. Missing: such contracts skip. */
  readonly shell?: string;
  /** What connections run over. Default: TCP on {@link ReactorHarness.host}. */
  readonly network?: Network;
  /**
   * Let the reactor work until `until` holds. Rejects at a deadline of its own, with words that
   * name what was awaited: the text of `until` does.
   */
  settle(until: () => boolean): Promise<void>;
  /** Dispose of the reactor, and of whatever else was made. */
  dispose(): Promise<void>;
  /** A place where connecting fails soon: nobody listens. Missing: such contracts skip. */
  refusingPort?(): Promise<Place>;
  /** A place where connecting hangs: nobody answers. Missing: such contracts skip. */
  silentPort?(): Promise<Place>;
  /** A path where a UNIX socket can be bound, each time another. Missing: such contracts skip. */
  socketPath?(): string;
  /**
   * The path of an empty directory among the reactor's files, each time another. Missing: such
   * contracts skip.
   */
  directory?(): string;
  /** UNIX sockets are files there, with modes and locks. Default: no, and such contracts skip. */
  readonly hasSocketFiles?: boolean;
  /**
   * May what was sent together be read in pieces, although there is room for all of it? No stream
   * promises more; networks that do not cut let contracts see what leaves together. Default: no.
   */
  readonly cutsBytes?: boolean;
  /** Contracts that do not apply, by title, and why: they skip, and the reason is printed. */
  readonly exempt?: ReadonlyMap<string, string>;
}

/** Called once for each contract. */
export type MakeHarness = () => ReactorHarness | Promise<ReactorHarness>;

/**
 * The part of a test runner that is used. Vitest's, Jest's, Mocha's and `node:test`'s fit as they
 * are. A contract that does not apply calls `skip(reason)` of what `body` is given, if it has that,
 * and logs the reason otherwise.
 */
export interface TestRunner {
  /** A group of tests. */
  describe(name: string, body: () => void): unknown;
  /** One test. */
  it(name: string, body: (context: unknown) => Promise<void>): unknown;
}
