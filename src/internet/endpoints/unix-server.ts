/**
 * Places to listen: UNIX sockets.
 *
 * After: twisted.internet.endpoints.UNIXServerEndpoint. Differs: an options object; cancelling the
 * Deferred stops listening; prints itself as the string that describes it.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type {
  AbortOptions,
  IListeningPort,
  IProtocolFactory,
  IStreamServerEndpoint,
} from "../interfaces-factory.ts";
import type { IReactorUNIX, ListenUNIXOptions } from "../interfaces-unix.ts";
import { checkedMode, checkedUNIXName, isAbstract } from "../unix-names.ts";
import { bound } from "./_bound.ts";
import { formatStringDescription } from "./string-description.ts";

const BACKLOG = 50;
const MODE = 0o666;

/**
 * Listens on a UNIX socket.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { connectProtocol, Factory, Protocol } from "sennit/internet";
 * import { UNIXClientEndpoint, UNIXServerEndpoint } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * const folder = await mkdtemp(join(tmpdir(), "example-"));
 * const path = join(folder, "app.sock");
 * const server = new UNIXServerEndpoint(reactor, path, { mode: 0o660, wantPID: true });
 * const port = await server.listen(Factory.forProtocol(Protocol));
 *
 * const client = await connectProtocol(new UNIXClientEndpoint(reactor, path), new Protocol());
 * client.transport.loseConnection();
 * await port.stopListening(); // The file is gone.
 * await rm(folder, { recursive: true });
 * ```
 */
export class UNIXServerEndpoint implements IStreamServerEndpoint {
  readonly #reactor: IReactorUNIX;
  readonly #address: string;
  readonly #options: ListenUNIXOptions;

  /**
   * @param address A path, or on Linux `\0` and an abstract name.
   * @param options `backlog` 50, `mode` 0o666, `wantPID` false, unless told otherwise.
   * @throws {RangeError} No such address or mode.
   */
  constructor(reactor: IReactorUNIX, address: string, options: ListenUNIXOptions = {}) {
    checkedMode(options.mode ?? MODE);
    this.#reactor = reactor;
    this.#address = checkedUNIXName(address);
    this.#options = { backlog: BACKLOG, mode: MODE, wantPID: false, ...options };
  }

  /**
   * Listen.
   *
   * @returns Fires with the port when it is bound. Fails with `CannotListenError`, or with whatever
   * the reactor threw. Cancelled (or aborted): the port is closed, and it fails with
   * `CancelledError`.
   */
  listen(factory: IProtocolFactory, { signal }: AbortOptions = {}): Deferred<IListeningPort> {
    return bound(() => this.#reactor.listenUNIX(this.#address, factory, this.#options), signal);
  }

  /** What `serverFromString` reads: `unix:/run/app.sock:mode=660`. Limits are left out. */
  toString(): string {
    return formatStringDescription(["unix", this.#address], this.#keywords());
  }

  #keywords(): readonly (readonly [string, string])[] {
    const { backlog = BACKLOG, mode = MODE, wantPID = false } = this.#options;
    const keywords: (readonly [string, string])[] = [];
    if (mode !== MODE) keywords.push(["mode", mode.toString(8)]);
    if (backlog !== BACKLOG) keywords.push(["backlog", String(backlog)]);
    // A description has a lock unless it says otherwise; where there is no file, there is none.
    if (!wantPID && !isAbstract(this.#address)) keywords.push(["lockfile", "0"]);
    return keywords;
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}
