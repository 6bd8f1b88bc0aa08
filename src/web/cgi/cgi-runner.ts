/**
 * Runs scripts, not too many at once.
 *
 * @module
 */
import { dirname } from "node:path";
import type { IReactorProcess } from "../../internet/interfaces-process.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import { NOT_DONE_YET, type RenderResult } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";
import type { Request } from "../server/request.ts";
import { cgiEnvironment } from "./cgi-environment.ts";
import { type CGIDeadlines, CGIRun } from "./cgi-run.ts";

/** Options of {@link CGIScript} and {@link CGIDirectory}. */
export interface CGIOptions {
  readonly reactor: IReactorProcess & IReactorTime;
  /** The program that runs the scripts: `/usr/bin/php-cgi`. Default: each is a program itself. */
  readonly interpreter?: string;
  /**
   * What scripts find in their environment beside the request. Nothing of ours is there, unless it
   * is named here. Default: `PATH`, with the usual places.
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Seconds until the head of the answer is whole, from the start or the last byte of the request's
   * body; 0: none. Then it is answered with 504. Default: 60.
   */
  readonly answerTimeout?: number;
  /** Seconds without a byte of the answer; 0: none. Then it is cut off. Default: 60. */
  readonly bodyTimeout?: number;
  /** Seconds from TERM to KILL, for a script that is to end. Default: 5. */
  readonly killTimeout?: number;
  /** Scripts that run at once; one more is answered with 503. Default: 64. */
  readonly maxProcesses?: number;
}

const TIMEOUT = 60;
const KILL_TIMEOUT = 5;
const MAX_PROCESSES = 64;
const PATH = "/usr/local/bin:/usr/bin:/bin";
/** What would be taken for something else when it is decoded. */
const NOT_IN_PATH_INFO = /[/\0]/u;

/** See the top of this file. */
export class CGIRunner {
  readonly #reactor: IReactorProcess & IReactorTime;
  readonly #interpreter: string | undefined;
  readonly #env: Readonly<Record<string, string>>;
  readonly #deadlines: CGIDeadlines;
  readonly #killTimeout: number;
  readonly #maxProcesses: number;
  #running = 0;

  /** @throws {RangeError} A deadline or bound that is negative, or no number. */
  constructor(options: CGIOptions) {
    this.#reactor = options.reactor;
    this.#interpreter = options.interpreter;
    this.#env = options.env ?? { PATH };
    this.#deadlines = {
      answerTimeout: checked("answerTimeout", options.answerTimeout ?? TIMEOUT),
      bodyTimeout: checked("bodyTimeout", options.bodyTimeout ?? TIMEOUT),
    };
    this.#killTimeout = checked("killTimeout", options.killTimeout ?? KILL_TIMEOUT);
    this.#maxProcesses = checked("maxProcesses", options.maxProcesses ?? MAX_PROCESSES);
  }

  /** Answer a request with a script. @param script Its absolute path. */
  run(script: string, request: Request): RenderResult {
    if (this.#running >= this.#maxProcesses) {
      const text = "As many programs run here as may. Try again soon.";
      return errorPage(503, text, { "retry-after": "1" });
    }
    if (request.postpath.some(isAmbiguous)) {
      return errorPage(404, "There is nothing at this address.");
    }
    this.#start(script, request);
    return NOT_DONE_YET;
  }

  #start(script: string, request: Request): void {
    const run = new CGIRun(this.#reactor, request, script, this.#deadlines, () => {
      this.#running -= 1;
    });
    const interpreter = this.#interpreter;
    this.#running += 1;
    try {
      this.#reactor.spawnProcess(run, interpreter ?? script, {
        args: interpreter === undefined ? [script] : [interpreter, script],
        env: { ...this.#env, ...cgiEnvironment(request, script) },
        path: dirname(script),
        // With all that they start: nobody else ends that.
        processGroup: true,
        killTimeout: this.#killTimeout,
        endAtStop: true,
      });
    } catch (error) {
      run.processEnded(); // It has not begun, so nobody else says that.
      throw error;
    }
  }
}

function isAmbiguous(segment: string): boolean {
  return segment === ".." || NOT_IN_PATH_INFO.test(segment);
}

function checked(name: string, value: number): number {
  if (value >= 0) return value;
  throw new RangeError(`Cannot set ${name}: expected 0 or more, got ${String(value)}`);
}
