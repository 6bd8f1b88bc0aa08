/**
 * Lines, raw bytes in between and pauses, written in any pieces: what arrives is what was sent, in
 * order, and a prefix of it where the connection is lost.
 *
 *     hello 1.0 ⏎  say abc ⏎  raw 5 ⏎ xxxxx  pause 20 ⏎  delimiter ⏎ …  switch ⏎ bytes to the end
 *
 * @module
 */
import { ClientFactory, Factory } from "../../src/internet/factory.ts";
import type { IDelayedCall } from "../../src/internet/interfaces-reactor.ts";
import type { Failure } from "../../src/defer/failure.ts";
import { LineOnlyReceiver } from "../../src/protocols/line-only-receiver.ts";
import { LineReceiver } from "../../src/protocols/line-receiver.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { simulation } from "../../src/testing/simulation/module.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";
import {
  checkScript,
  type Cut,
  LINE_MAX,
  type Script,
  ScriptWriter,
  type Told,
} from "./lines-script.ts";

const PORT = 2300;
/** Seconds without a reply after which a writer gives up. */
const PATIENCE = 5;

class Reader extends LineReceiver {
  override MAX_LENGTH = LINE_MAX;
  readonly told: Told = { events: [] };
  readonly #sim: Simulation;
  readonly #reactor: SimulatedReactor;
  /** Raw bytes to come; `undefined`: all that come. */
  #wanted: number | undefined = 0;
  #raw: Buffer = Buffer.alloc(0);
  #timer: IDelayedCall | undefined;

  constructor(sim: Simulation, reactor: SimulatedReactor) {
    super();
    this.#sim = sim;
    this.#reactor = reactor;
  }

  override lineReceived(line: Buffer): void {
    if (this.paused) this.#sim.unreachable("a line while reading is paused");
    const text = line.toString();
    const [word, number = "0"] = text.split(" ");
    this.told.events.push(`line ${text}`);
    this.sendLine(`ok ${text}`);
    if (word === "raw" && number !== "0") this.#expect(Number(number));
    else if (word === "pause") this.#pause(Number(number) / 1000);
    else if (word === "delimiter") this.delimiter = other(this.delimiter);
    else if (word === "switch") this.#switch();
    else if (word === "quit") this.transport.loseConnection();
  }

  #expect(bytes: number): void {
    this.#wanted = bytes;
    this.#raw = Buffer.alloc(0);
    this.setRawMode();
  }

  /** Somebody else reads on, beginning with what is here already. */
  #switch(): void {
    this.#wanted = undefined;
    this.#raw = this.clearLineBuffer();
    this.setRawMode();
  }

  #pause(seconds: number): void {
    this.pauseProducing();
    this.#timer = this.#reactor.callLater(seconds, () => this.resumeProducing());
  }

  override rawDataReceived(data: Buffer): void {
    if (this.paused) this.#sim.unreachable("raw bytes while reading is paused");
    this.#raw = Buffer.concat([this.#raw, data]);
    if (this.#wanted === undefined || this.#raw.length < this.#wanted) return;
    this.told.events.push(`raw ${this.#raw.subarray(0, this.#wanted).toString("hex")}`);
    this.setLineMode(this.#raw.subarray(this.#wanted));
  }

  override lineLengthExceeded(line: Buffer): void {
    this.told.events.push("too long");
    super.lineLengthExceeded(line);
  }

  override connectionLost(reason: Failure): void {
    if (this.#timer?.active === true) this.#timer.cancel();
    if (this.#wanted === undefined) this.told.events.push(`rest ${this.#raw.toString("hex")}`);
    this.told.reason = reason.value;
  }
}

/** Writes its script piece by piece, and hangs up when all of it was answered. */
class Writer extends LineOnlyReceiver {
  readonly told: Told = { events: [] };
  readonly script: Script;
  readonly #reactor: SimulatedReactor;
  readonly #timers = new Set<IDelayedCall>();
  #written = 0;

  constructor(reactor: SimulatedReactor, script: Script) {
    super();
    this.#reactor = reactor;
    this.script = script;
  }

  override connectionMade(): void {
    this.#timers.add(this.#reactor.callLater(PATIENCE, () => this.transport.abortConnection()));
    this.#write([...this.script.cuts]);
  }

  #write([cut, ...others]: readonly Cut[]): void {
    if (cut === undefined) this.#hangUpWhenDone();
    else {
      const write = (): void => {
        const end = this.#written + cut.bytes;
        this.transport.write(this.script.bytes.subarray(this.#written, end));
        this.#written = end;
        this.#write(others);
      };
      if (cut.after === 0) write();
      else this.#timers.add(this.#reactor.callLater(cut.after, write));
    }
  }

  override lineReceived(line: Buffer): void {
    const text = line.toString();
    this.told.events.push(text);
    if (text === "ok delimiter") this.delimiter = other(this.delimiter);
    this.#hangUpWhenDone();
  }

  #hangUpWhenDone(): void {
    const { ends, bytes, replies } = this.script;
    if (ends === "reader" || this.#written < bytes.length) return;
    if (this.told.events.length >= replies.length) this.transport.loseConnection();
  }

  override connectionLost(reason: Failure): void {
    for (const timer of this.#timers) if (timer.active) timer.cancel();
    this.told.reason = reason.value;
  }
}

function other(delimiter: Uint8Array | string): string {
  return delimiter === "\n" ? "\r\n" : "\n";
}

/** The connections of one host, one after the other. */
class Writing {
  readonly #scripts: readonly Script[];
  readonly #told: Map<string, Told>;
  #next = 0;
  #over = false;

  constructor(scripts: readonly Script[], told: Map<string, Told>) {
    this.#scripts = scripts;
    this.#told = told;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Whatever becomes of a script, the next one follows. */
  readonly program = (reactor: SimulatedReactor): void => {
    const script = this.#scripts[this.#next];
    this.#next += 1;
    if (script === undefined) {
      this.#over = true;
      return;
    }
    const factory = ClientFactory.building(() => {
      const writer = new Writer(reactor, script);
      this.#told.set(script.id, writer.told);
      return writer;
    });
    const next = (): void => this.program(reactor);
    factory.clientConnectionLost = next;
    factory.clientConnectionFailed = next;
    factory.noisy = false;
    reactor.connectTCP("reader", PORT, factory, { timeout: PATIENCE });
  };
}

export default simulation("lines arrive as they were sent", async (sim) => {
  const readers: Reader[] = [];
  const server = sim.host("reader", (reactor) => {
    const factory = Factory.building(() => {
      const reader = new Reader(sim, reactor);
      readers.push(reader);
      return reader;
    });
    reactor.listenTCP(PORT, factory);
  });
  const written = new Map<string, Told>();
  const scripts: Script[] = [];
  const hosts = sim.hosts(sim.between(1, 3), "writer");
  const writings = hosts.map((host, who) => {
    const own = [0, 1].map((at) => new ScriptWriter(sim).draw(`${String(who)}.${String(at)}`));
    scripts.push(...own);
    const writing = new Writing(own, written);
    host.start(writing.program);
    return writing;
  });
  sim.sometimes("a line is too long", () =>
    readers.some(({ told }) => told.events.at(-1) === "too long"),
  );
  const swarm = sim.swarm({ until: 3, crash: [server, ...hosts], every: 0.1 });
  const done = sim.eventually("everything is written", () => writings.every(({ over }) => over), {
    within: swarm.calm ? 5 : 60,
  });
  await Promise.all([done, swarm.done]);
  await sim.sleep(1);
  const read = readers.map(({ told }) => told);
  for (const script of scripts) {
    checkScript(script, { read, written: written.get(script.id), strict: swarm.calm });
  }
  for (const host of sim.simulator.hosts) await sim.stop(host);
});
