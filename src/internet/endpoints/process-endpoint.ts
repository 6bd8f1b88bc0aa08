/**
 * A place to connect to that is a program: a protocol speaks with its standard input and output.
 *
 * After: twisted.internet.endpoints.ProcessEndpoint. Differs: an options object; standard error may
 * be merged; the transport is a whole stream transport, so that TLS and everything else runs on it;
 * a program whose connection is closed is ended, if it does not end by itself.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { NoAddress } from "../addresses.ts";
import type {
  AbortOptions,
  IProtocolFactory,
  IStreamClientEndpoint,
} from "../interfaces-factory.ts";
import type { ConnectProcessOptions, IReactorProcess } from "../interfaces-process.ts";
import type { IProtocol } from "../interfaces-transport.ts";
import { connectThrough } from "./_wrapping-factory.ts";
import { formatStringDescription } from "./string-description.ts";

/**
 * Starts a program for each connection.
 *
 * The program's standard output is what the protocol receives, its standard input takes what the
 * protocol writes, `loseWriteConnection` closes that. When the program has ended its output, and
 * has exited, `connectionLost` says how: `ConnectionDone` for an exit code of 0, else
 * `ProcessTerminated`, or `ConnectionDone` at once if the protocol closed first. A program that
 * stays after its connection was closed is terminated after `closeTimeout` seconds.
 *
 * @example
 * ```ts
 * import { Deferred } from "sennit/defer";
 * import { connectProtocol, ProcessEndpoint } from "sennit/internet";
 * import { LineReceiver } from "sennit/protocols";
 * import { NodeReactor } from "sennit/reactors";
 *
 * class Sorter extends LineReceiver {
 *   override delimiter = "\n";
 *   readonly lines: string[] = [];
 *   readonly done = new Deferred<string>();
 *
 *   override connectionMade(): void {
 *     this.transport.write("pear\napple\n");
 *     this.transport.loseWriteConnection();
 *   }
 *
 *   override lineReceived(line: Buffer): void {
 *     this.lines.push(line.toString());
 *   }
 *
 *   override connectionLost(): void {
 *     this.done.callback(this.lines.join(", "));
 *   }
 * }
 *
 * await using reactor = new NodeReactor();
 * const sorter = await connectProtocol(new ProcessEndpoint(reactor, "sort"), new Sorter());
 * console.log(await sorter.done); // apple, pear
 * ```
 */
export class ProcessEndpoint implements IStreamClientEndpoint {
  readonly #reactor: IReactorProcess;
  readonly #executable: string;
  readonly #options: ConnectProcessOptions;

  /**
   * @param executable A path; or a name, which is looked for in `PATH`.
   * @param options `args` begin with the program's own name, as in `spawnProcess`.
   */
  constructor(reactor: IReactorProcess, executable: string, options: ConnectProcessOptions = {}) {
    this.#reactor = reactor;
    this.#executable = executable;
    this.#options = options;
  }

  /**
   * Start the program. The factory is started, asked for one protocol, and stopped when its
   * connection ends.
   *
   * @returns Fires once: with the protocol when its `connectionMade` has run. Fails with
   * `SpawnError`, with what `buildProtocol` or `connectionMade` threw, with `NoProtocol`; with a
   * `TypeError` or `RangeError` if the options are wrong. Cancelled (or aborted): the program is
   * terminated, and it fails with `ConnectingCancelledError`.
   */
  connect<P extends IProtocol>(
    factory: IProtocolFactory<P>,
    { signal }: AbortOptions = {},
  ): Deferred<P> {
    return connectThrough(factory, {
      destination: new NoAddress(`process ${this.#executable}`),
      signal,
      start: (wrapping) => {
        return this.#reactor.connectProcess(this.#executable, wrapping, this.#options);
      },
    });
  }

  /** What `clientFromString` reads: `process:/bin/cat:-u`. The environment is left out. */
  toString(): string {
    const { args = [], path, standardError = "log" } = this.#options;
    const keywords: (readonly [string, string])[] = [];
    if (path !== undefined) keywords.push(["path", path]);
    if (standardError !== "log") keywords.push(["stderr", standardError]);
    return formatStringDescription(["process", this.#executable, ...args.slice(1)], keywords);
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}
