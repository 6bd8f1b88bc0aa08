/**
 * A connection over the network of the running test, for the tests of `src/streams`.
 *
 * @module
 */
import { setImmediate as nextPass } from "node:timers/promises";
import { afterEach, assert, beforeEach } from "vitest";
import { captureLogs, type LogCapture } from "../../src/logger/capture.ts";
import { StreamProtocol, type StreamProtocolOptions } from "../../src/streams/stream-protocol.ts";
import { HalfCloseWitness, type Witness } from "../../src/testing/contracts/witness.ts";
import { connectOn, type Wire } from "../fixtures/connect-on-network.ts";
import { makeReactor } from "../fixtures/networks.ts";

export const MUCH = Buffer.alloc(1 << 20, "much ");

/** Passes without an end are a bug; this many are taken as one. */
const PASSES_MAX = 1000;

/** Work until that holds: virtual time stands still, promises and streams have their turns. */
export async function until(
  pump: Pick<Wire, "flush">,
  holds: () => boolean,
  passesMax: number = PASSES_MAX,
): Promise<void> {
  for (let passes = 0; !holds(); passes += 1) {
    if (passes === passesMax) throw new Error(`waited in vain for ${holds.toString()}`);
    pump.flush();
    await nextPass();
  }
}

/** Work until that has come about. */
export async function settled<T>(
  pump: Pick<Wire, "flush">,
  thing: PromiseLike<T>,
  passesMax: number = PASSES_MAX,
): Promise<T> {
  let isThere = false;
  const done = (): void => {
    isThere = true;
  };
  thing.then(done, done);
  await until(pump, () => isThere, passesMax);
  return thing;
}

/** What it fails with. */
export function errorOf(thing: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(thing).then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** A stream, and at the other end of the wire one who sees everything. */
export class Scene {
  readonly stream: StreamProtocol;
  readonly peer: Witness;
  readonly pump: Wire;

  constructor(options: StreamProtocolOptions = {}, peer: Witness = new HalfCloseWitness()) {
    this.stream = new StreamProtocol(options);
    this.peer = peer;
    this.pump = connectOn(peer, this.stream, { reactor: makeReactor() });
  }

  until(holds: () => boolean): Promise<void> {
    return until(this.pump, holds);
  }

  wait<T>(thing: PromiseLike<T>): Promise<T> {
    return settled(this.pump, thing);
  }

  /** Nothing more happens by itself after that. */
  async rest(): Promise<void> {
    let passes = 0;
    await this.until(() => {
      passes += 1;
      return passes > 20;
    });
  }
}

/** Each test of the file fails when an error was logged. */
export function allowNoErrors(): void {
  let logs: LogCapture | undefined;
  beforeEach(() => {
    logs = captureLogs();
  });
  afterEach(() => {
    const errors = logs?.flush((event) => ["error", "critical"].includes(event.log_level));
    logs?.[Symbol.dispose]();
    assert.deepEqual(errors?.map((event) => event.log_failure?.getTraceback()) ?? [], []);
  });
}
