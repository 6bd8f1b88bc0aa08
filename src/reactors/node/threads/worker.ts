/**
 * The module that each thread of a pool begins with: it runs the tasks it is given, one at a time.
 * Only the pool library imports it, in a new thread, and from `dist/`: it must be JavaScript.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { ThreadResultError } from "../../../internet/interfaces-threads.ts";
import { openLink, sendLastWords } from "./_link.ts";
import { Transferring } from "./_transferring.ts";
import { type Callee, nameOf } from "./callee.ts";
import { FunctionFinder } from "./find-function.ts";
import { type Call, callsOf, type Outcome, type Work, type WorkerData } from "./messages.ts";
import { takeApart } from "./thrown.ts";

const finder = new FunctionFinder();
let id = 0;
let hasReturned = true;

// Before the pool library says that the thread is ready, so that the main thread hears it first.
const link = openLink();
parentPort?.postMessage(link, [link.port]);

// What Node itself tells the main thread of an error loses its name, its code, or everything.
process.on("uncaughtExceptionMonitor", (error) => {
  sendLastWords({ id, thrown: takeApart(error), hasReturned });
});

/** What is to be done before the first task. */
let preparing: Promise<void> | undefined;
const { preparations }: WorkerData = workerData;
if (preparations.length > 0) {
  preparing = prepare();
  preparing.catch(() => {}); // The tasks will tell.
}

/** See `prepare-threads.ts`. */
async function prepare(): Promise<void> {
  for (const callee of preparations) await call(callee, []);
  preparing = undefined;
}

/** Run what is given; what it throws is part of the outcome. */
export default async function run(work: Work): Promise<unknown> {
  [id] = work;
  hasReturned = false;
  let outcome: unknown;
  try {
    if (preparing !== undefined) await preparing;
    const value = await (work.length === 3 ? call(work[1], work[2]) : runRow(work[1]));
    outcome = value instanceof Transferring ? await handOver(value) : [checked(value, work)];
  } catch (error) {
    outcome = [undefined, takeApart(error)];
  }
  hasReturned = true;
  return outcome;
}

function call(callee: Callee, args: readonly unknown[]): unknown {
  const f = finder.known(callee);
  return f === undefined ? finder.find(callee).then((found) => found(...args)) : f(...args);
}

async function runRow(calls: readonly Call[]): Promise<unknown> {
  const values: unknown[] = [];
  for (const [callee, args] of calls) values.push(await call(callee, args));
  const transfer = values.flatMap((one) => (one instanceof Transferring ? one.transfer : []));
  if (transfer.length === 0) return values;
  const bare = values.map((one) => (one instanceof Transferring ? one.value : one));
  return new Transferring(bare, transfer);
}

/** The commonest of what cannot be copied. The rest shows when it is sent, and costs the thread. */
function checked(value: unknown, work: Work): unknown {
  if (typeof value !== "function" && typeof value !== "symbol") return value;
  const name = callsOf(work).map(([callee]) => nameOf(callee))[0] ?? "";
  throw new ThreadResultError(
    `Cannot send back what ${name} returned: a ${typeof value} cannot be copied to another thread`,
  );
}

/** As much of the library as is used here. */
interface Mover {
  readonly transferableSymbol: symbol;
  readonly valueSymbol: symbol;
  move(this: void, value: object): unknown;
}

/** An outcome as the pool library wants it when parts of it are not to be copied. */
async function handOver({ value, transfer }: Transferring): Promise<unknown> {
  // Few tasks need it, and loading it takes as long as starting the thread.
  const { move, transferableSymbol, valueSymbol }: Mover = await import("piscina");
  const outcome: Outcome = [value];
  return move({ [transferableSymbol]: transfer, [valueSymbol]: outcome });
}
