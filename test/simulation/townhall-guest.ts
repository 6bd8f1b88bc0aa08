/**
 * Somebody in the town hall, for its scenario: says what was drawn, and holds each line heard
 * against who is in the room, and what they have said so far.
 *
 *     -- bob has come in       bob is here, and next is his first line in this room
 *     <bob> line 1.1 hall.     fits: he is here, so are we, and 1 follows nothing
 *     <bob> line 1.3 hall.     does not fit: where is 1.2?
 *
 * @module
 */
import type { Failure } from "../../src/defer/failure.ts";
import { ConnectionDone } from "../../src/internet/errors.ts";
import { ClientFactory } from "../../src/internet/factory.ts";
import type { IDelayedCall } from "../../src/internet/interfaces-reactor.ts";
import { LineReceiver } from "../../src/protocols/line-receiver.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";

/** Where the town hall is. */
export const PORT = 8023;
/** The first room. */
export const HALL = "hall";
/** Seconds without an answer after which a guest hangs up and comes again. */
const PATIENCE = 4;
/** Seconds between two signs of life of somebody who has nothing to say. */
const SIGN_OF_LIFE = 3;

/** One thing that a guest does. */
export interface Step {
  readonly what: "say" | "join" | "whisper";
  /** The room, or to whom. */
  readonly where: string;
  /** Seconds until then. */
  readonly after: number;
  /** Typed in two goes, the first of so many characters; 0: in one. */
  readonly typed: number;
}

/** A guest: what they do, whatever becomes of their connections. */
export class Guest {
  readonly name: string;
  readonly steps: Step[];
  readonly sim: Simulation;
  /** Who was seen to go because they said nothing. */
  readonly missed = new Set<string>();
  /** Counts connections. */
  session = 0;
  /** The connection on which they are in, and have done all they wanted. */
  settled: Visit | undefined;
  /** The last thing that they heard, and whether the connection ended well after it. */
  lastLine = "";
  endedWell = false;

  constructor(sim: Simulation, name: string, steps: readonly Step[]) {
    this.sim = sim;
    this.name = name;
    this.steps = [...steps];
  }

  readonly program = (reactor: SimulatedReactor): void => {
    this.settled = undefined;
    const factory = ClientFactory.building(() => {
      this.session += 1;
      return new Visit(reactor, this);
    });
    factory.noisy = false;
    const again = (connector: { connect(): void }): void => {
      reactor.callLater(0.5, () => connector.connect());
    };
    factory.clientConnectionLost = again;
    factory.clientConnectionFailed = again;
    reactor.connectTCP("townhall", PORT, factory, { timeout: PATIENCE });
  };
}

/** One connection of a guest. */
class Visit extends LineReceiver {
  readonly #reactor: SimulatedReactor;
  readonly #guest: Guest;
  /** Who is in the room, and which line of theirs comes next, if that is known. */
  #present = new Map<string, number | undefined>();
  #room: string | undefined;
  /** Lines said in this room. */
  #said = 0;
  /** Is `/leave` the last thing that was typed? */
  #goesHome = false;
  /** Whispers said in this session. */
  #whispers = 0;
  /** What was whispered last, by whom. */
  readonly #whispered = new Map<string, number>();
  #patience: IDelayedCall | undefined;
  readonly #timers = new Set<IDelayedCall>();

  constructor(reactor: SimulatedReactor, guest: Guest) {
    super();
    this.#reactor = reactor;
    this.#guest = guest;
  }

  /** Is somebody in the same room? */
  isWith(name: string): boolean {
    return this.#present.has(name);
  }

  // -- Speaking

  #after(seconds: number, f: () => void): void {
    const call = this.#reactor.callLater(seconds, () => {
      this.#timers.delete(call);
      f();
    });
    this.#timers.add(call);
  }

  override connectionMade(): void {
    this.#type(`${this.#guest.name}\n`);
  }

  /** Type something that must be answered. */
  #type(text: string, first = 0): void {
    this.#patience ??= this.#reactor.callLater(PATIENCE, () => this.transport.abortConnection());
    this.transport.write(text.slice(0, first === 0 ? text.length : first));
    if (first > 0) this.#after(0.05, () => this.transport.write(text.slice(first)));
  }

  #calm(): void {
    if (this.#patience?.active === true) this.#patience.cancel();
    this.#patience = undefined;
  }

  #answered(): void {
    this.#calm();
    const step = this.#guest.steps[0];
    if (step === undefined) this.#settle();
    else this.#after(step.after, () => this.#take(step));
  }

  #settle(): void {
    if (this.#room === HALL) this.#guest.settled = this;
    this.#after(this.#room === HALL ? SIGN_OF_LIFE : 0, () => {
      this.#goesHome = this.#room !== HALL;
      this.#type(this.#goesHome ? "/leave\r\n" : "/who\n");
    });
  }

  #take({ what, where, typed }: Step): void {
    const { session, steps } = this.#guest;
    steps.shift();
    if (what === "join") this.#type(`/join ${where}\r\n/who\n`, typed);
    else if (what === "whisper") {
      this.#whispers += 1;
      this.#type(`/msg ${where} ${String(session)}.${String(this.#whispers)}.\n/who\r\n`, typed);
    } else {
      this.#said += 1;
      const number = `${String(session)}.${String(this.#said)}`;
      this.#type(`line ${number} ${this.#room ?? ""}.\n/who\n`, typed);
    }
  }

  // -- Hearing

  override lineReceived(line: Buffer): void {
    const text = line.toString();
    this.#guest.lastLine = text;
    const [, speaker = "", said] = /^<(\w+)> (.*)$/u.exec(text) ?? [];
    const [, whisperer = "", whisper] = /^\[(\w+) to you\] (.*)$/u.exec(text) ?? [];
    if (said !== undefined) this.#heard(speaker, said);
    else if (whisper !== undefined) this.#heardWhisper(whisperer, whisper);
    else if (text.startsWith("-- ")) this.#house(text.slice(3));
  }

  #wrong(what: string): never {
    throw new Error(`${this.#guest.name} heard what does not fit: ${what}`);
  }

  #heard(speaker: string, said: string): void {
    if (!this.#present.has(speaker)) this.#wrong(`${speaker} is not here: ${said}`);
    const expected = this.#present.get(speaker);
    const [, number, room] = /^line \d+\.(\d+) (\w+)\.$/u.exec(said) ?? [];
    if (number === undefined) return; // Noise, or half a line of somebody who was killed.
    if (room !== this.#room) this.#wrong(`${said} in ${this.#room ?? "no room"}`);
    if (expected !== undefined && Number(number) !== expected) {
      this.#wrong(`${said} of ${speaker}, and next is ${String(expected)}`);
    }
    this.#present.set(speaker, Number(number) + 1);
    this.#guest.sim.reached("somebody heard somebody");
  }

  #heardWhisper(speaker: string, whisper: string): void {
    const [, session, number] = /^(\d+)\.(\d+)\.$/u.exec(whisper) ?? [];
    if (number === undefined) return;
    const rank = Number(session) * 1000 + Number(number);
    if (rank <= (this.#whispered.get(speaker) ?? 0)) this.#wrong(`${whisper} of ${speaker} again`);
    this.#whispered.set(speaker, rank);
  }

  #house(text: string): void {
    const [, comer] = /^(\w+) has come in$/u.exec(text) ?? [];
    const [, goer, how] = /^(\w+) has gone (.*)$/u.exec(text) ?? [];
    const [, room, others = ""] = /^You are in (\w+), (?:alone|with (.*))\.$/u.exec(text) ?? [];
    const [, listed, names = ""] = /^In (\w+): (.*)\.$/u.exec(text) ?? [];
    if (comer !== undefined) this.#came(comer);
    else if (goer !== undefined) this.#went(goer, how ?? "");
    else if (room !== undefined) this.#entered(room, others === "" ? [] : others.split(", "));
    else if (listed !== undefined) this.#listed(listed, names.split(", "));
    else if (text.includes("is taken")) {
      this.#guest.sim.reached("a name was taken");
      this.#calm();
      this.#after(1, () => this.connectionMade());
    } else if (text === "Nobody else is here." && this.#present.size > 0) this.#wrong(text);
    else if (text.startsWith("Slower") || text.startsWith("There is no")) this.#wrong(text);
  }

  #came(name: string): void {
    if (this.#present.has(name)) this.#wrong(`${name} has come in twice`);
    this.#present.set(name, 1);
  }

  #went(name: string, how: string): void {
    if (!this.#present.delete(name)) this.#wrong(`${name} has gone, and was not here`);
    if (how === "(closing)") this.#wrong(`${name} has gone, as everybody does`);
    if (how === "(silent)") this.#guest.missed.add(name);
  }

  #entered(room: string, others: readonly string[]): void {
    const isFirst = this.#room === undefined;
    this.#room = room;
    this.#said = 0;
    this.#present = new Map(others.map((name) => [name, undefined]));
    if (isFirst || this.#goesHome) this.#answered();
    this.#goesHome = false;
  }

  /** It is who we think it is. */
  #listed(room: string, names: readonly string[]): void {
    const expected = [...this.#present.keys(), this.#guest.name].toSorted().join(", ");
    const got = names.toSorted().join(", ");
    if (room !== this.#room || got !== expected) {
      this.#wrong(`In ${room}: ${got}, and not in ${this.#room ?? "no room"}: ${expected}`);
    }
    this.#answered();
  }

  override connectionLost(reason: Failure): void {
    for (const timer of this.#timers) timer.cancel();
    this.#calm();
    if (this.#guest.settled === this) this.#guest.settled = undefined;
    this.#guest.endedWell = reason.check(ConnectionDone) !== undefined;
  }
}
