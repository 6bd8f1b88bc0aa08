/**
 * What was asked of a simulated web server, and what became of it: the account that both sides are
 * held to.
 *
 *     errand ─▶ sent, under a number ─▶ begun ─▶ over (notifyFinish) ─▶ logged (the access log)
 *
 * An errand that was not answered is run again, under another number: whatever a server does twice
 * under one number, it does wrong.
 *
 * @module
 */
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";

/** What goes up with a request. */
export interface Upload {
  readonly bytes: number;
  /** Bytes of a chunk; 0: in one piece, with a Content-Length. */
  readonly chunk: number;
  /** Seconds between two pieces. */
  readonly pause: number;
  /** Wait for `100 Continue`. */
  readonly expects: boolean;
}

/** One thing that a client wants, however often it has to ask. */
export interface Errand {
  readonly method: string;
  /** Where the server is, behind a proxy: `/back1`; else `""`. */
  readonly place: string;
  readonly path: string;
  readonly version: "1.0" | "1.1";
  /** The status that is right. */
  readonly status: number;
  /** Bytes of the answer's body; `undefined`: it is not for us to say. */
  readonly bytes: number | undefined;
  /** Bytes that the server writes at a time, where it writes bit by bit. */
  readonly piece: number;
  /** Seconds that the server takes, before or in between. */
  readonly pause: number;
  readonly upload: Upload | undefined;
  /** The answer is broken off: it may never look whole. */
  readonly isCut: boolean;
  /** What is sent is no request: nobody is to begin it. */
  readonly isGarbage: boolean;
  /** The client says that it is the last one on this connection. */
  readonly isLast: boolean;
  /** And sends an end behind it, as `nc -N` does: it may be left without an answer. */
  readonly isHalfClosed: boolean;
  /** Seconds in the middle of the request's head. */
  readonly drip: number;
  /** Seconds that the client waits before it asks. */
  readonly think: number;
}

/** One sending of an errand. */
export interface Sent {
  readonly id: number;
  readonly errand: Errand;
  begun: number;
  over: number;
  logged: number;
  /** How often its upload was counted. */
  counted: number;
  /** The client has a whole answer, and it is the server's own: no error page. */
  answered: boolean;
  /** It was begun, and its client has gone before the end. */
  lost: boolean;
  /** It was begun while the server was stopping: nothing comes after it. */
  isFinal: boolean;
  /** Its head has come in part, as far as its client can know: since then. */
  dripsSince: number | undefined;
  /** That was so when the server began to stop. */
  isPromised: boolean;
  /** The status with which it was refused, by the proxy or for being slow. */
  refusal: number | undefined;
  /** The program that has begun it. */
  program: SimulatedReactor | undefined;
}

/** Seconds that bytes take in good weather, at most. */
const ARRIVAL = 0.05;
const NOISE_BYTES = 524_288;
/** No two stretches of it are the same. */
const NOISE = makeNoise();

function makeNoise(): Buffer {
  const noise = Buffer.allocUnsafe(NOISE_BYTES);
  let state = 1;
  for (let at = 0; at < NOISE_BYTES; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    noise[at] = state >>> 24;
  }
  return noise;
}

/** The bytes that belong to a number: another number's are others. */
export function bytesOf(id: number, bytes: number): Buffer {
  const start = (id * 97) % 65_536;
  return NOISE.subarray(start, start + bytes);
}

const NOISE_TEXT = NOISE.toString("latin1");

/** The same as text, of as many characters: half of them take two bytes in UTF-8. */
export function textOf(id: number, characters: number): string {
  const start = (id * 97) % 65_536;
  return NOISE_TEXT.slice(start, start + characters);
}

/** What is between clients and servers. */
export interface WebLedgerOptions {
  readonly isProxied?: boolean;
  readonly isSecure?: boolean;
  readonly isImpatient?: boolean;
}

/** See the top of this file. */
export class WebLedger {
  readonly sim: Simulation;
  /** There is a proxy in between, which never crashes, and may ask twice where that is safe. */
  readonly isProxied: boolean;
  /** It goes over TLS. */
  readonly isSecure: boolean;
  /** The server waits for nobody for more than some seconds. */
  readonly isImpatient: boolean;
  /** The server is told to finish what is in hand. */
  isStopping = false;
  /** Nothing goes wrong that the clients do not do themselves. */
  isCalm = false;
  /** Whatever goes wrong goes wrong behind the proxy, and it can tell its clients. */
  isSound = false;
  /** How often a client has lost its patience. */
  impatient = 0;
  readonly #sent: Sent[] = [];
  /** Who makes answers, and has not come to an end. */
  readonly #sources = new Set<{ readonly program: SimulatedReactor }>();

  constructor(sim: Simulation, options: WebLedgerOptions = {}) {
    const { isProxied = false, isSecure = false, isImpatient = false } = options;
    this.sim = sim;
    this.isProxied = isProxied;
    this.isSecure = isSecure;
    this.isImpatient = isImpatient;
  }

  /** Is that how somebody in between fails, or one who does not wait? */
  isRefusal(status: number): boolean {
    if (this.isProxied && (status === 502 || status === 503 || status === 504)) return true;
    return this.isImpatient && (status === 408 || status === 503);
  }

  /** Somebody begins to make an answer. @returns To be called when he is done. */
  openSource(program: SimulatedReactor): () => void {
    const source = { program };
    this.#sources.add(source);
    return () => {
      if (!this.#sources.delete(source)) this.sim.unreachable("a source of bytes is ended twice");
    };
  }

  /** An errand is sent (again). */
  send(errand: Errand): Sent {
    const id = this.#sent.length;
    const account = { begun: 0, over: 0, logged: 0, counted: 0 };
    const flags = { answered: false, lost: false, isFinal: false, isPromised: false };
    const unknown = { dripsSince: undefined, refusal: undefined, program: undefined };
    const sent: Sent = { id, errand, ...account, ...flags, ...unknown };
    this.#sent.push(sent);
    return sent;
  }

  /** The server begins to stop: what has begun to come is answered before. */
  stops(): void {
    this.isStopping = true;
    for (const sent of this.#sent) {
      const { dripsSince = Infinity } = sent;
      if (dripsSince + ARRIVAL < this.sim.now) sent.isPromised = true;
    }
  }

  /** What was sent under that number; `undefined`: nothing. */
  of(id: string | undefined): Sent | undefined {
    return id === undefined ? undefined : this.#sent[Number(id)];
  }

  /** How often an errand was sent. */
  timesOf(errand: Errand): number {
    return this.#sent.filter((sent) => sent.errand === errand).length;
  }

  /** Everything that was sent. */
  get sent(): readonly Sent[] {
    return this.#sent;
  }

  /** At the end, when no connection is left. @param programs Those that run. */
  check(...programs: readonly SimulatedReactor[]): void {
    for (const sent of this.#sent) this.#checkOne(sent, programs);
    for (const { program } of this.#sources) {
      if (programs.includes(program)) this.sim.unreachable("a source of bytes is never ended");
    }
  }

  #checkOne(sent: Sent, programs: readonly SimulatedReactor[]): void {
    const { errand, begun, over, logged, counted, answered, program } = sent;
    const { sim } = this;
    const isSafe = errand.method !== "POST";
    const most = this.isProxied && isSafe ? 2 : 1;
    if (begun > most) sim.unreachable("a request that was sent once is handled twice");
    if (begun > 0 && errand.isGarbage) sim.unreachable("garbage is handled as a request");
    if (over > begun) sim.unreachable("notifyFinish fires twice");
    if (logged > begun) sim.unreachable("a request is in the access log twice");
    if (counted > 1) sim.unreachable("an upload is counted twice");
    if (answered && begun === 0) sim.unreachable("a request is answered that nobody has begun");
    if (answered && errand.upload !== undefined && counted !== 1) {
      sim.unreachable("an upload was answered, and not counted");
    }
    // A program that has ended is done with everything.
    if (program === undefined || !programs.includes(program) || begun > 1) return;
    if (over !== begun) sim.unreachable("notifyFinish never fires");
    if (logged !== begun) sim.unreachable("a request is missing in the access log");
  }
}
