/**
 * A service, a reactor, and the life they have together.
 *
 *     reactor runs ──▶ privileged start ──▶ start ──▶ … ──▶ stop() or a signal
 *                            └── fails ──┴───────────────────────┤
 *                                                                ▼
 *     outcome ◀── reactor stops: connections lost, ports closed ◀── service stops, with deadlines
 *
 * After: twisted.application.runner.Runner and twisted.application.app. Differs: the service starts
 * when the reactor runs; a start that fails ends the program.
 *
 * @module
 */
import { SennitError } from "../core/errors.ts";
import { maybeDeferred } from "../defer/combinators.ts";
import type { Deferred } from "../defer/deferred.ts";
import type { Failure } from "../defer/failure.ts";
import { ReactorNotRunning } from "../internet/errors.ts";
import {
  type IReactorCore,
  IReactorSignals,
  type IReactorTime,
  type ITrigger,
} from "../internet/interfaces-reactor.ts";
import { Logger } from "../logger/logger.ts";
import type { IService } from "../service/interfaces.ts";
import { MultiService } from "../service/multi-service.ts";
import { beginLogging, type LoggingOptions } from "./logging.ts";

const log = new Logger({ namespace: "sennit.application" });

/** Options of {@link runApplication}. */
export interface RunApplicationOptions {
  /** Runs the program, and measures its deadlines. */
  readonly reactor: IReactorCore & IReactorTime;
  /** Where the log goes. Default: nothing is changed. */
  readonly logging?: LoggingOptions;
  /** Seconds each service gets to stop, unless it says otherwise. Default: 10. */
  readonly stopTimeout?: number;
  /** SIGINT and SIGTERM stop the program, a second one at once. Default: `true`. */
  readonly installSignalHandlers?: boolean;
}

/** How a program ended. */
export interface ApplicationOutcome {
  /** Why the service could not be started. */
  readonly startFailure: Failure | undefined;
  /** What went wrong while it stopped: a `ServiceStopError`. It has been logged. */
  readonly stopFailure: Failure | undefined;
  /** The signal that stopped the reactor. */
  readonly signal: NodeJS.Signals | undefined;
}

/**
 * Run the reactor and the service in it, until the reactor stops: by a signal, or by a call.
 *
 * The service becomes the child of a collection that has the reactor for a clock, so that it, and
 * what is in it, has its deadlines. A start that fails stops the reactor.
 *
 * @returns Fires when the reactor has stopped. It does not fail: the outcome tells.
 * @throws {ReactorAlreadyRunning}
 * @throws {ServiceParentError} The service has a parent: run that.
 *
 * @example
 * ```ts
 * import { runApplication } from "sennit/application";
 * import { reactor } from "sennit/reactor";
 * import { Service } from "sennit/service";
 *
 * class Brief extends Service {
 *   override startService(): void {
 *     reactor.callLater(0.01, () => reactor.stop());
 *   }
 * }
 * const { startFailure } = await runApplication(new Brief(), { reactor });
 * console.log(startFailure === undefined); // true
 * ```
 */
export function runApplication(
  service: IService,
  options: RunApplicationOptions,
): Deferred<ApplicationOutcome> {
  if (options.logging !== undefined) beginLogging(options.logging);
  return new Run(service, options).begin();
}

/** One run of one service. */
class Run {
  readonly #service: IService;
  readonly #options: RunApplicationOptions;
  readonly #root: MultiService;
  #trigger: ITrigger | undefined;
  #state: "starting" | "running" | "stopping" | "stopped" = "starting";
  #startFailure: Failure | undefined;
  #stopFailure: Failure | undefined;

  constructor(service: IService, options: RunApplicationOptions) {
    const { reactor, stopTimeout } = options;
    this.#service = service;
    this.#options = options;
    this.#root = new MultiService({
      name: "application",
      clock: reactor,
      ...(stopTimeout === undefined ? {} : { stopTimeout }),
    });
  }

  begin(): Deferred<ApplicationOutcome> {
    const { reactor, installSignalHandlers = true } = this.#options;
    void this.#service.setServiceParent(this.#root);
    let over: Deferred<void>;
    try {
      over = reactor.run({ installSignalHandlers });
    } catch (error) {
      void this.#service.disownServiceParent();
      throw error;
    }
    this.#trigger = reactor.addSystemEventTrigger("before", "shutdown", () => this.#stop());
    this.#start();
    return over.addCallback(() => this.#end());
  }

  #start(): void {
    const root = this.#root;
    log.info("Starting {service}", { service: this.#label });
    void maybeDeferred(() => root.privilegedStartService())
      .addCallback(() => root.startService())
      .addCallbacks(
        () => this.#started(),
        (failure) => this.#startFailed(failure),
      );
  }

  get #label(): string {
    return this.#service.name ?? this.#service.constructor.name;
  }

  #started(): void {
    this.#state = "running";
    log.info("{service} has started", { service: this.#label });
  }

  #startFailed(failure: Failure): void {
    if (this.#state !== "starting") return; // It was told to stop meanwhile.
    this.#startFailure = failure;
    // What is foreseen is told to the caller; of anything else the log has the stack.
    if (!failure.is(SennitError)) {
      log.failure("{service} cannot start", failure, { service: this.#label });
    }
    try {
      this.#options.reactor.stop();
    } catch (error) {
      if (!(error instanceof ReactorNotRunning)) throw error; // It stops or has crashed already.
    }
  }

  #stop(): Deferred<void> {
    this.#state = "stopping";
    const service = this.#label;
    if (this.#startFailure === undefined) log.info("Stopping {service}", { service });
    return maybeDeferred(() => this.#root.stopService()).addCallbacks(
      () => this.#stopped(undefined),
      (failure) => this.#stopped(failure),
    );
  }

  #stopped(failure: Failure | undefined): void {
    this.#state = "stopped";
    this.#stopFailure = failure;
    if (this.#startFailure !== undefined) return;
    if (failure === undefined) log.info("{service} has stopped", { service: this.#label });
    else log.warn("{service} has stopped, but not in good order", { service: this.#label });
  }

  #end(): ApplicationOutcome {
    const { reactor, installSignalHandlers = true } = this.#options;
    // After a crash the trigger waits still, and the service is as it was.
    if (this.#trigger !== undefined && (this.#state === "starting" || this.#state === "running")) {
      reactor.removeSystemEventTrigger(this.#trigger);
    }
    if (this.#state === "stopped") void this.#service.disownServiceParent();
    const signal =
      installSignalHandlers && reactor.provides(IReactorSignals) ? reactor.stopSignal : undefined;
    return { startFailure: this.#startFailure, stopFailure: this.#stopFailure, signal };
  }
}
