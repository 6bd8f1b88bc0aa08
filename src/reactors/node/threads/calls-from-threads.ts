/**
 * The main thread's end of its threads' lines: does what they ask for, in order, in later passes of
 * the reactor, and answers those that wait.
 *
 * @module
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { quote } from "../../../core/text.ts";
import { maybeDeferred } from "../../../defer/combinators.ts";
import type { Deferred } from "../../../defer/deferred.ts";
import { Failure } from "../../../defer/failure.ts";
import type { IReactorFromThreads } from "../../../internet/interfaces-reactor.ts";
import { NotExposedError, ThreadResultError } from "../../../internet/interfaces-threads.ts";
import { Logger } from "../../../logger/logger.ts";
import { nameOf, partsOf } from "./callee.ts";
import { type AnyFunction, importFunction, isFunction } from "./find-function.ts";
import {
  ANSWERS,
  type LastWords,
  type Link,
  LINK,
  type Outcome,
  REQUESTS,
  type Request,
} from "./messages.ts";
import { takeApart } from "./thrown.ts";

/** More than threads end in one turn. */
const LAST_WORDS_MAX = 100;

const log = new Logger({ namespace: "sennit.threads" });

/** What one pool's threads may call, and their calls. */
export class CallsFromThreads {
  readonly #reactor: IReactorFromThreads;
  readonly #exposed = new Map<string, AnyFunction>();
  readonly #lines = new Set<Line>();
  /** By work: see {@link LastWords}. */
  readonly #lastWords = new Map<number, LastWords>();
  /** Calls that have come in and wait for the reactor's next pass. */
  #waiting = 0;

  constructor(reactor: IReactorFromThreads) {
    this.#reactor = reactor;
  }

  /**
   * All of them, or none.
   *
   * @throws {RangeError} A name is taken. @throws {TypeError} One is no function.
   */
  expose(functions: Readonly<Record<string, unknown>>): void {
    const added = new Map<string, AnyFunction>();
    for (const [name, f] of Object.entries(functions)) {
      if (!isFunction(f)) {
        throw new TypeError(`Cannot expose ${name}: expected a function, got ${quote(f)}`);
      }
      if (this.#exposed.has(name)) {
        throw new RangeError(`Cannot expose ${name}: the name is taken; withdraw it first`);
      }
      added.set(name, f);
    }
    for (const [name, f] of added) this.#exposed.set(name, f);
  }

  withdraw(names: readonly string[]): void {
    for (const name of names) this.#exposed.delete(name);
  }

  /** A thread has sent something by way of the pool library: its line, or what a task likes. */
  receive(message: unknown): void {
    if (!isLink(message)) return;
    const line = new Line(message, (received) => {
      if ("id" in received) this.#keep(received);
      else this.#receive(line, received);
    });
    this.#lines.add(line);
    line.onClose(() => this.#lines.delete(line));
  }

  /** Call `f` when the calls that threads have made before now have been, which may be at once. */
  afterCalls(f: () => void): void {
    for (const line of this.#lines) line.drain();
    if (this.#waiting === 0) f();
    else this.#reactor.callFromThread(f);
  }

  #keep(words: LastWords): void {
    // Of works that were cancelled meanwhile, nobody asks for them.
    if (this.#lastWords.size === LAST_WORDS_MAX) this.#lastWords.clear();
    this.#lastWords.set(words.id, words);
  }

  /** What the thread said that had this work, if it said anything. */
  lastWordsOf(id: number): LastWords | undefined {
    for (const line of this.#lines) line.drain();
    const words = this.#lastWords.get(id);
    this.#lastWords.delete(id);
    return words;
  }

  #receive(line: Line, request: Request): void {
    this.#waiting += 1;
    this.#reactor.callFromThread(() => {
      this.#waiting -= 1;
      const result = maybeDeferred(() => this.#call(request));
      if (request.isBlocking) line.answer(request, result);
      else void result.addErrback((failure) => this.#complain(request, failure));
    });
  }

  #call({ callee, args }: Request): unknown {
    const parts = partsOf(callee);
    if (parts.kind === "module") {
      return importFunction(parts.module, parts.name).then((f) => f(...args));
    }
    const f = this.#exposed.get(parts.name);
    if (f !== undefined) return f(...args);
    const names = this.#exposed.size === 0 ? "nothing" : [...this.#exposed.keys()].join(", ");
    throw new NotExposedError(
      `Cannot call ${quote(parts.name)} from a thread: its pool exposes ${names}`,
    );
  }

  #complain({ callee }: Request, failure: Failure): void {
    log.failure("Unhandled error in a call from a thread: {callee}", failure, {
      callee: nameOf(callee),
    });
  }
}

function isLink(message: unknown): message is Link {
  return (
    typeof message === "object" && message !== null && "kind" in message && message.kind === LINK
  );
}

/** The line of one thread. */
class Line {
  readonly #port: MessagePort;
  readonly #counters: Int32Array;
  readonly #received: (message: Request | LastWords) => void;
  #seen = 0;
  /** What the thread waits for. It has one thing to wait for at most. */
  #pending: Deferred<unknown> | undefined;

  constructor({ port, counters }: Link, received: (message: Request | LastWords) => void) {
    this.#port = port;
    this.#counters = counters;
    this.#received = received;
    port.on("message", (message: Request | LastWords) => this.#one(message));
    // The task that asks keeps the process alive; a line alone does not.
    port.unref();
  }

  onClose(closed: () => void): void {
    this.#port.once("close", () => {
      closed();
      // Nobody waits for it any more.
      this.#pending?.cancel();
    });
  }

  /** Take what has arrived and was not announced yet. */
  drain(): void {
    if (Atomics.load(this.#counters, REQUESTS) === this.#seen) return;
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      this.#one(received.message);
    }
  }

  #one(message: Request | LastWords): void {
    this.#seen = (this.#seen + 1) | 0; // As the counter, which wraps.
    this.#received(message);
  }

  /** Send the thread what comes of `result`. */
  answer({ callee }: Request, result: Deferred<unknown>): void {
    this.#pending = result;
    void result.addBoth((value) => {
      this.#pending = undefined;
      const failed = value instanceof Failure;
      this.#send(failed ? [undefined, takeApart(value.value)] : [value], nameOf(callee));
      return failed ? undefined : value; // It may be somebody else's Deferred as well.
    });
  }

  #send(outcome: Outcome, name: string): void {
    const port = this.#port;
    try {
      port.postMessage(outcome);
    } catch (error) {
      const message = `Cannot send a thread what ${name} returned: it cannot be copied`;
      const thrown = takeApart(new ThreadResultError(message, { cause: error }));
      port.postMessage([undefined, thrown]);
    }
    Atomics.add(this.#counters, ANSWERS, 1);
    Atomics.notify(this.#counters, ANSWERS);
  }
}
