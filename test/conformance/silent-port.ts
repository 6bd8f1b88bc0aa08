/**
 * A place where connecting hangs, on this machine, for the time-outs of attempts.
 *
 * A thread listens and then stands still for ever, so that nobody accepts. When the queue of
 * accepted connections is full, the kernel answers no further attempt; one at a UNIX socket it puts
 * off.
 *
 * @module
 */
import { once } from "node:events";
import { connect, type ListenOptions, type NetConnectOpts, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

const LISTEN_AND_STAND_STILL = `
  const { parentPort, workerData } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ ...workerData, backlog: 1 }, () => {
    const address = server.address();
    parentPort.postMessage(typeof address === "string" ? address : address.port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** More than a queue of one takes, whichever way the kernel counts. */
const FILLERS = 4;

/** One such place; close it in the end. */
export class SilentPort<Place extends number | string> {
  /** The port's number, or the path. */
  readonly place: Place;
  readonly #worker: Worker;
  readonly #fillers: readonly Socket[];

  private constructor(place: Place, worker: Worker, fillers: readonly Socket[]) {
    this.place = place;
    this.#worker = worker;
    this.#fillers = fillers;
  }

  /** On a port of that host. */
  static async open(host: string): Promise<SilentPort<number>> {
    const { place, worker } = await standStill({ host, port: 0 });
    if (typeof place !== "number") throw new TypeError("the thread does not listen");
    return new SilentPort(place, worker, await fill({ host, port: place }));
  }

  /** On a UNIX socket. */
  static async openAt(path: string): Promise<SilentPort<string>> {
    const { worker } = await standStill({ path });
    return new SilentPort(path, worker, await fill({ path }));
  }

  async close(): Promise<void> {
    for (const filler of this.#fillers) filler.destroy();
    await this.#worker.terminate();
  }
}

async function standStill(where: ListenOptions): Promise<{ place: unknown; worker: Worker }> {
  const worker = new Worker(LISTEN_AND_STAND_STILL, { eval: true, workerData: where });
  const [place]: readonly unknown[] = await once(worker, "message");
  return { place, worker };
}

async function fill(where: NetConnectOpts): Promise<readonly Socket[]> {
  const fillers = Array.from({ length: FILLERS }, () => connect(where));
  for (const filler of fillers) filler.on("error", () => {});
  await Promise.any(fillers.map((filler) => once(filler, "connect")));
  return fillers;
}
