/**
 * A port where connecting hangs, on loopback, for the time-outs of attempts.
 *
 * A thread listens and then stands still for ever, so that nobody accepts. When the queue of
 * accepted connections is full, the kernel answers no further attempt.
 *
 * @module
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

const LISTEN_AND_STAND_STILL = `
  const { parentPort, workerData } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ host: workerData, port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** More than a queue of one takes, whichever way the kernel counts. */
const FILLERS = 4;

/** One such port; close it in the end. */
export class SilentPort {
  readonly port: number;
  readonly #worker: Worker;
  readonly #fillers: readonly Socket[];

  private constructor(port: number, worker: Worker, fillers: readonly Socket[]) {
    this.port = port;
    this.#worker = worker;
    this.#fillers = fillers;
  }

  static async open(host: string): Promise<SilentPort> {
    const worker = new Worker(LISTEN_AND_STAND_STILL, { eval: true, workerData: host });
    const [port]: readonly unknown[] = await once(worker, "message");
    if (typeof port !== "number") throw new TypeError("the thread does not listen");
    const fillers = Array.from({ length: FILLERS }, () => connect({ host, port }));
    for (const filler of fillers) filler.on("error", () => {});
    await Promise.race(fillers.map((filler) => once(filler, "connect")));
    return new SilentPort(port, worker, fillers);
  }

  async close(): Promise<void> {
    for (const filler of this.#fillers) filler.destroy();
    await this.#worker.terminate();
  }
}
