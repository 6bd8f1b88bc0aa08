/**
 * A program that is one function: the reactor runs until it is done.
 *
 *     reactor runs ──▶ main ──▶ done ──────────────────▶ reactor stops ──▶ exit(status)
 *                        └──── stop() or a signal: main is cancelled, and waited for ──┘
 *
 * After: twisted.internet.task.react. Differs: the reactor is given; main is called when it runs,
 * with its arguments and an `AbortSignal`; when the reactor stops first, main is cancelled and can
 * clean up before connections are lost; the process is not ended, it is given its exit code.
 *
 * @module
 */
import { maybeDeferred } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError, TimeoutError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { Logger } from "../../logger/logger.ts";
import { ReactorNotRunning } from "../errors.ts";
import {
  type IReactorCore,
  IReactorSignals,
  type IReactorTime,
  type ITrigger,
} from "../interfaces-reactor.ts";
import { exitStatusAsked } from "./system-exit.ts";

const log = new Logger({ namespace: "sennit.task" });

/** What `main` is told. */
export interface ReactContext {
  /** {@link ReactOptions.argv}. */
  readonly argv: readonly string[];
  /**
   * Aborted when the reactor stops before main is done. Main is waited for then if it has taken
   * this signal, or has returned a Deferred, which is cancelled; a promise without the signal
   * cannot be told, and is left to itself.
   */
  readonly signal: AbortSignal;
}

/** The function that is the program. A Deferred or promise that it returns is waited for. */
export type ReactMain<Reactor> = (reactor: Reactor, context: ReactContext) => unknown;

/** Options of {@link react}. */
export interface ReactOptions {
  /** What main finds in its context: usually `process.argv.slice(2)`. Default: none. */
  readonly argv?: readonly string[];
  /**
   * Called last of all, with the signal that stopped the reactor, if one did. Default: sets
   * `process.exitCode`, so that the process ends when nothing is left open and all that was written
   * is out.
   */
  readonly exit?: (status: number, signal: NodeJS.Signals | undefined) => unknown;
  /** Seconds that main gets to end when the reactor stops first. Default: 10. */
  readonly stopTimeout?: number;
  /** SIGINT and SIGTERM stop the reactor, a second one at once. Default: `true`. */
  readonly installSignalHandlers?: boolean;
}

const STOP_TIMEOUT_DEFAULT = 10;

function setExitCode(status: number): void {
  process.exitCode = status;
}

/**
 * Run the reactor and `main` in it, until one of them ends.
 *
 * The exit status is 0 when main comes to a good end, or is cancelled because the reactor stops;
 * that of a {@link SystemExit} that it throws; and 1 when it fails otherwise, which is logged, or
 * is cut off before it has ended.
 *
 * @returns Fires with the status, after `exit` was called.
 * @throws {ReactorAlreadyRunning} Main is then not called.
 *
 * @example
 * ```ts
 * import { react, sleep } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * const status = await react(reactor, async (reactor, { argv: [name = "world"], signal }) => {
 *   await sleep(reactor, 0.01, { signal });
 *   console.log(`Hello, ${name}`);
 * });
 * console.log(status); // 0
 * ```
 */
export function react<Reactor extends IReactorCore & IReactorTime>(
  reactor: Reactor,
  main: ReactMain<Reactor>,
  options: ReactOptions = {},
): Deferred<number> {
  return new Run(reactor, main, options).begin();
}

class Run<Reactor extends IReactorCore & IReactorTime> {
  readonly #reactor: Reactor;
  readonly #main: ReactMain<Reactor>;
  readonly #options: ReactOptions;
  #state: "starting" | "main" | "cancelling" | "ended" | "over" = "starting";
  /** What main has come to, as long as it runs. */
  #running: Deferred<unknown> | undefined;
  #isDeferred = false;
  #abort: AbortController | undefined;
  /** The shutdown waits for it. */
  #ended: Deferred<void> | undefined;
  #shutdown: ITrigger | undefined;
  /** As long as main has not ended: cut off. */
  #status = 1;

  constructor(reactor: Reactor, main: ReactMain<Reactor>, options: ReactOptions) {
    this.#reactor = reactor;
    this.#main = main;
    this.#options = options;
  }

  begin(): Deferred<number> {
    const { installSignalHandlers = true } = this.#options;
    const startup = this.#reactor.addSystemEventTrigger("after", "startup", () => this.#start());
    try {
      return this.#reactor.run({ installSignalHandlers }).addCallback(() => this.#exit());
    } catch (error) {
      this.#reactor.removeSystemEventTrigger(startup);
      throw error;
    }
  }

  #start(): void {
    if (this.#state !== "starting") return; // The reactor was stopped while it started.
    this.#state = "main";
    const reactor = this.#reactor;
    this.#shutdown = reactor.addSystemEventTrigger("before", "shutdown", () => this.#stopMain());
    const context = this.#makeContext();
    this.#running = maybeDeferred(() => {
      const result = this.#main(reactor, context);
      this.#isDeferred = result instanceof Deferred;
      return result;
    });
    void this.#running.addBoth((result) => this.#mainEnded(result));
  }

  /** The signal is made when it is taken, so that we know whether main can hear it. */
  #makeContext(): ReactContext {
    const { argv = [] } = this.#options;
    const takeSignal = (): AbortSignal => {
      this.#abort ??= new AbortController();
      if (this.#state !== "main") this.#abort.abort(new CancelledError());
      return this.#abort.signal;
    };
    return {
      argv,
      get signal() {
        return takeSignal();
      },
    };
  }

  #mainEnded(result: unknown): void {
    if (this.#state === "over") {
      // Too late for the status, not for the log.
      this.#statusOf(result);
      return;
    }
    this.#status = this.#statusOf(result);
    const wasCancelled = this.#state === "cancelling";
    this.#state = "ended";
    this.#running = undefined;
    if (wasCancelled) this.#ended?.callback();
    else this.#stopReactor();
  }

  #statusOf(result: unknown): number {
    if (!(result instanceof Failure)) return 0;
    const asked = exitStatusAsked(result.value);
    if (asked !== undefined) return asked;
    // To be cancelled is no failure of one's own.
    if (this.#state !== "main" && result.check(CancelledError) !== undefined) return 0;
    log.failure("Main function failed", result);
    return 1;
  }

  #stopReactor(): void {
    try {
      this.#reactor.stop();
    } catch (error) {
      if (!(error instanceof ReactorNotRunning)) throw error; // It stops or has crashed already.
    }
  }

  // -- The reactor stops first

  /** @returns Fires when main has ended, or its time is over. */
  #stopMain(): Deferred<void> | undefined {
    this.#shutdown = undefined;
    if (this.#state !== "main") return undefined;
    this.#state = "cancelling";
    const { stopTimeout = STOP_TIMEOUT_DEFAULT } = this.#options;
    const ended = new Deferred<void>();
    this.#ended = ended;
    this.#cancelMain();
    return ended.addTimeout(stopTimeout, this.#reactor).addErrback((failure) => {
      failure.trap(TimeoutError);
      log.warn("Main function was cancelled but has not ended within {seconds} seconds", {
        seconds: stopTimeout,
      });
    });
  }

  #cancelMain(): void {
    this.#abort?.abort(new CancelledError());
    // A promise that has the signal ends by itself; without it, the Deferred lets go of it.
    if (this.#isDeferred || this.#abort === undefined) this.#running?.cancel();
  }

  // -- The end

  #exit(): number {
    const reactor = this.#reactor;
    const { exit = setExitCode, installSignalHandlers = true } = this.#options;
    // After a crash the trigger waits still, and main has not been told.
    if (this.#shutdown !== undefined) reactor.removeSystemEventTrigger(this.#shutdown);
    const wasCutOff = this.#state === "main";
    this.#state = "over";
    if (wasCutOff) this.#cancelMain();
    const signal =
      installSignalHandlers && reactor.provides(IReactorSignals) ? reactor.stopSignal : undefined;
    exit(this.#status, signal);
    return this.#status;
  }
}
