/**
 * A thread's line to the main thread: one for each thread, from the thread's start to its end.
 *
 * @module
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { NotInThreadError, ThreadArgumentError } from "../../../internet/interfaces-threads.ts";
import { nameOf } from "./callee.ts";
import {
  ANSWERS,
  type LastWords,
  type Link,
  LINK,
  type Outcome,
  REQUESTS,
  type Request,
} from "./messages.ts";

let ours: Link | undefined;

/** Make the line of this thread. @returns The other end of it, for the main thread. */
export function openLink(): Link {
  const { port1, port2 } = new MessageChannel();
  const counters = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  port1.unref();
  ours = { kind: LINK, port: port1, counters };
  return { kind: LINK, port: port2, counters };
}

/** Is this one of a pool's threads? */
export function hasLink(): boolean {
  return ours !== undefined;
}

/**
 * Ask the main thread for something.
 *
 * @throws {NotInThreadError} This is no thread of a pool. @throws {ThreadArgumentError}
 */
export function send(request: Request): void {
  const { port, counters } = linkFor(request);
  post(port, request);
  Atomics.add(counters, REQUESTS, 1);
}

/** Say why this thread ends. */
export function sendLastWords(words: LastWords): void {
  if (ours === undefined) return;
  const { port, counters } = ours;
  port.postMessage(words);
  Atomics.add(counters, REQUESTS, 1);
}

/** Ask, and stand still until there is an answer. @throws As {@link send}. */
export function ask(request: Request): Outcome {
  const { port, counters } = linkFor(request);
  const before = Atomics.load(counters, ANSWERS);
  send(request);
  Atomics.wait(counters, ANSWERS, before);
  // The answer is sent before the counter is raised.
  const outcome: Outcome = receiveMessageOnPort(port)?.message;
  return outcome;
}

function linkFor({ callee }: Request): Link {
  if (ours !== undefined) return ours;
  throw new NotInThreadError(
    `Cannot call ${nameOf(callee)} from a thread: this is not a thread of a pool; where the ` +
      "reactor is, call it directly, or with reactor.callFromThread()",
  );
}

function post(port: MessagePort, request: Request): void {
  try {
    port.postMessage(request);
  } catch (error) {
    throw argumentError(nameOf(request.callee), request.args, error);
  }
}

/** What an argument that cannot be copied is told as; any other error goes on as it is. */
export function argumentError(callee: string, args: readonly unknown[], error: unknown): unknown {
  const at = args.findIndex((arg) => !copies(arg));
  return at < 0 ? error : new ThreadArgumentError(callee, at, { cause: error });
}

function copies(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    // It cannot be copied, whatever the reason.
    return false;
  }
}
