/**
 * Conversations over simulated WebSockets: what is to be said, how it ends, and what both sides
 * were told of it.
 *
 * @module
 */
import type { Failure } from "../../src/defer/failure.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";
import { bytesOf, textOf } from "./web-ledger.ts";
import { drawLength } from "./whole.ts";

/** A message that is sent, and comes back. */
export interface Message {
  readonly type: "text" | "binary";
  readonly bytes: number;
  /** Bytes of a frame; 0: one frame. */
  readonly fragment: number;
  /** A ping goes before it, and between its frames. */
  readonly pings: boolean;
}

/**
 * Who ends it. `client`, `server`: in order, when everything has come back. `hasty`: the client,
 * without waiting for what comes back. `fault`: the client sends what is no frame. `abort`: it
 * resets the connection. `silence`: it answers no more. `rude`: nor the server's goodbye. `both`:
 * the server when everything has come, and the client at the same time.
 */
type Ender = (typeof ENDERS)[number];

const ENDERS = ["client", "server", "hasty", "fault", "abort", "silence", "rude", "both"] as const;

/** What is no frame, or may not stand where it does, and how it is answered. */
interface Fault {
  readonly bytes: Buffer;
  readonly code: number;
}

const FAULTS: readonly Fault[] = [
  { bytes: Buffer.of(0x83, 0x80, 0, 0, 0, 0), code: 1002 }, // An opcode that nobody knows.
  { bytes: Buffer.of(0x80, 0x80, 0, 0, 0, 0), code: 1002 }, // What goes on has not begun.
  { bytes: Buffer.of(0x81, 0x00), code: 1002 }, // No mask.
  { bytes: Buffer.of(0x81, 0x82, 0, 0, 0, 0, 0xc0, 0x80), code: 1007 }, // No UTF-8.
  { bytes: Buffer.of(0x09, 0x80, 0, 0, 0, 0), code: 1002 }, // A ping in fragments.
  { bytes: Buffer.of(0x88, 0x82, 0, 0, 0, 0, 3, 0xed), code: 1002 }, // Goodbye with 1005.
];

/** What a client wants to say, however often it has to begin again. */
export interface TalkPlan {
  readonly messages: readonly Message[];
  readonly ender: Ender;
  readonly code: number;
  readonly fault: Fault;
  readonly deflate: boolean;
  /** The client speaks before the WebSocket is open. */
  readonly eager: boolean;
  /** Seconds that the server thinks before it opens the WebSocket. */
  readonly build: number;
  /** The server reads no more while much of what it sends is not taken. */
  readonly paced: boolean;
  /** Seconds between two looks of the client at what has come. */
  readonly readPause: number;
  /** Seconds between two messages. */
  readonly pause: number;
}

/** One conversation. */
export interface Talk {
  readonly id: number;
  readonly plan: TalkPlan;
  /** What the server's protocol was told. */
  made: number;
  lost: number;
  reason: Failure | undefined;
  /** The program that it was told in. */
  program: SimulatedReactor | undefined;
  /** Messages that have come to the server. */
  heard: number;
  /** Messages that have come back. */
  echoed: number;
  /** The client has said goodbye, with the code. */
  said: number | undefined;
  /** The server's program has, before it heard one. */
  dismissed: number | undefined;
}

/** Around the lengths that are written otherwise (§5.2), and one that takes several reads. */
const SIZES = [10, 0, 1, 125, 126, 3000, 10, 0, 1, 125, 126, 3000, 10, 125, 65_536] as const;

/** The content of a message. */
export function contentOf(id: number, at: number, { type, bytes }: Message): string | Buffer {
  const number = id * 31 + at;
  return type === "text" ? textOf(number, bytes) : bytesOf(number, bytes);
}

/** Draw a conversation. The simplest: one thing is said, and the client says goodbye. */
export function drawTalk(sim: Simulation): TalkPlan {
  const ender = sim.oneOf(ENDERS);
  const deflate = sim.chance(0.2);
  return {
    fault: sim.oneOf(FAULTS),
    eager: !deflate && sim.chance(0.3),
    deflate,
    messages: Array.from({ length: sim.between(1, 6) }, () => drawMessage(sim)),
    ender,
    code: sim.oneOf([1000, 3000, 4999, 1011]),
    build: sim.oneOf([0, 0, 0.001, 0.5]),
    paced: sim.chance(0.5),
    readPause: sim.oneOf([0, 0, 0.01, 0.1]),
    pause: sim.oneOf([0, 0, 0.001, 0.3, 31]),
  };
}

function drawMessage(sim: Simulation): Message {
  const bytes = drawLength(sim, SIZES);
  const fragment = sim.oneOf([0, 0, 1, 125, 4000]);
  return {
    type: sim.oneOf(["text", "binary"] as const),
    bytes,
    fragment: fragment === 0 ? 0 : Math.max(fragment, bytes >> 6),
    pings: sim.chance(0.3),
  };
}

/** All that was begun. */
export class TalkBook {
  readonly sim: Simulation;
  /** There is a proxy in between. */
  readonly isProxied: boolean;
  isStopping = false;
  readonly #talks: Talk[] = [];

  constructor(sim: Simulation, isProxied: boolean) {
    this.sim = sim;
    this.isProxied = isProxied;
  }

  /** A conversation begins (again). */
  begin(plan: TalkPlan): Talk {
    const told = { made: 0, lost: 0, reason: undefined, program: undefined };
    const said = { heard: 0, echoed: 0, said: undefined, dismissed: undefined };
    const talk = { id: this.#talks.length, plan, ...told, ...said };
    this.#talks.push(talk);
    return talk;
  }

  /** How many have begun. */
  get size(): number {
    return this.#talks.length;
  }

  /** The one of that number. */
  of(id: string | undefined): Talk | undefined {
    return id === undefined ? undefined : this.#talks[Number(id)];
  }

  /** At the end, when nobody is connected. @param program The server's that runs. */
  check(program: SimulatedReactor): void {
    for (const { made, lost, program: own } of this.#talks) {
      if (made > 1) this.sim.unreachable("a WebSocket is opened twice");
      if (lost > made) this.sim.unreachable("the end of a WebSocket is told twice");
      if (own === program && lost !== made) {
        this.sim.unreachable("the end of a WebSocket is not told");
      }
    }
  }
}
