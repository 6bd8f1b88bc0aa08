/**
 * One end of a stream, as the kernel of its host keeps it: what was received and not read, and what
 * becomes of it when its program closes it, or ends, or loses power.
 *
 * It moves the bytes of a transport (it is its conduit). Whatever it tells its owner comes in an
 * event of the simulation, never from inside a call; while the host stands still it waits.
 *
 * @module
 */
import type { Conduit, ConduitOwner } from "../../base/conduit.ts";
import { LINGER_MAX, LINGER_SILENCE } from "../../base/lingering.ts";
import type { SimulatedEvent } from "../event-queue.ts";
import type { Descriptor, Machine, MachineProgram } from "../machine.ts";
import { Way, type WayEnd } from "./way.ts";

/** Bytes of one read: as many as Node reads at once. */
const READ_MAX = 65_536;

/** Over TCP, or over a UNIX socket, which has no resets. */
export type StreamKind = "TCP" | "UNIX";

/** See the top of this file. */
export class SimulatedSocket implements Conduit, WayEnd, SimulatedEvent, Descriptor {
  owner: ConduitOwner | undefined;
  readonly program: MachineProgram;
  readonly machine: Machine;
  readonly boot: number;
  /** Of its connection. */
  readonly id: number;
  /** Asked when the handshake is complete, on the server's side. Is it taken? */
  whenOpened: (() => boolean) | undefined;
  #isOpened = false;
  #peer: SimulatedSocket | undefined;
  readonly #kind: StreamKind;
  #out: Way | undefined;
  #in: Way | undefined;
  /** What was received and not read: the first piece, and the others. */
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;
  #receivedBytes = 0;
  #end: "open" | "ended" | "torn" | "reset" | "timed out" | "told" = "open";
  #reading = false;
  #readAsked = false;
  #owed = false;
  #state: "open" | "closing" | "gone" = "open";
  /** While closing: something has come since the last look. */
  #isAddressed = false;

  constructor(program: MachineProgram, id: number, kind: StreamKind) {
    this.program = program;
    this.id = id;
    this.#kind = kind;
    this.machine = program.machine;
    this.boot = program.machine.boot;
    program.machine.descriptors.add(this);
  }

  /** Is it read from at present? */
  get reading(): boolean {
    return this.#reading;
  }

  /** Has the program closed it, and the kernel still something to do? */
  get closing(): boolean {
    return this.#state === "closing";
  }

  /** Has its kernel forgotten it? */
  get gone(): boolean {
    return this.#state === "gone";
  }

  /** The other end. */
  get peer(): SimulatedSocket | undefined {
    return this.#peer;
  }

  /** A middlebox resets the connection: both ends are told. */
  breakOff(): void {
    this.wasReset();
    this.#peer?.wasReset();
  }

  /** Made by {@link connectSockets}. */
  attach(peer: SimulatedSocket, out: Way, into: Way): void {
    this.#peer = peer;
    this.#out = out;
    this.#in = into;
  }

  // -- The program's side

  send(chunks: readonly Uint8Array[]): boolean {
    if (this.#isHopeless) return this.#sendNowhere();
    const [first] = chunks;
    // A copy: the writer may use its bytes again, and the reader keeps what it gets.
    const data = chunks.length === 1 && first ? Buffer.from(first) : Buffer.concat(chunks);
    this.#out?.write(data);
    this.#owed = this.#out?.full === true;
    return !this.#owed;
  }

  /** Does the kernel know that the peer is gone? Over a UNIX socket, as soon as it has closed. */
  get #isHopeless(): boolean {
    return this.#kind === "UNIX" ? this.#peer?.deaf === true : this.#end === "torn";
  }

  /** EPIPE. */
  #sendNowhere(): false {
    this.#discard();
    this.#end = "reset";
    this.#readSoon();
    return false;
  }

  startReading(): void {
    this.#reading = true;
    if (this.#receivedBytes > 0 || this.#end !== "open") this.#readSoon();
  }

  stopReading(): void {
    this.#reading = false;
  }

  shutdown(): void {
    this.#out?.end();
    this.#note("half-closed");
  }

  /** Say that we send no more, and let the peer hear it before the socket goes. */
  close(): void {
    if (this.#state !== "open") return;
    this.#note("closed");
    this.#out?.end();
    this.#discard();
    if (this.#end === "open") {
      this.#state = "closing";
      this.#linger(LINGER_MAX);
    } else this.#gone();
  }

  /** Wait for the peer's end. Then it is forgotten; what was written is sent all the same. */
  #linger(left: number): void {
    this.#isAddressed = false;
    const look = (): void => {
      if (this.#state !== "closing") return;
      if (this.#isAddressed && left > LINGER_SILENCE) this.#linger(left - LINGER_SILENCE);
      else this.#gone();
    };
    this.machine.world.after(LINGER_SILENCE, { happen: look });
  }

  reset(): void {
    if (this.#state === "gone") return;
    if (this.#kind === "UNIX") {
      this.#leave();
      return;
    }
    this.#note("reset");
    this.#gone();
    this.#out?.reset();
  }

  /** As close(2): what is unread resets the connection. */
  drop(): void {
    if (this.#state === "gone") return;
    if (this.#receivedBytes > 0 && this.#kind === "TCP") this.reset();
    else this.#leave();
  }

  /** Over a UNIX socket the peer reads all that was sent, and then learns what was left unread. */
  #leave(): void {
    const torn = this.#receivedBytes > 0;
    this.#note("closed");
    this.#gone();
    this.#out?.end(torn);
  }

  /** A connection that the program has never accepted is reset. */
  closeByKernel(): void {
    const isAccepted = this.owner !== undefined;
    this.owner = undefined;
    if (isAccepted) this.drop();
    else this.reset();
  }

  vanish(): void {
    this.owner = undefined;
    this.#gone();
    this.#out?.vanish();
  }

  #gone(): void {
    this.#state = "gone";
    this.#discard();
    this.machine.descriptors.delete(this);
  }

  #discard(): void {
    if (this.#receivedBytes > 0) this.#in?.taken(this.#receivedBytes);
    this.#first = undefined;
    this.#more = undefined;
    this.#receivedBytes = 0;
  }

  #note(kind: "half-closed" | "closed" | "reset" | "timed out"): void {
    this.machine.world.trace.note(kind, this.machine, {
      connection: this.id,
      ...(this.#out !== undefined && { peer: this.#out.link.to.name }),
    });
  }

  // -- The network's side

  get deaf(): boolean {
    return this.#state === "gone";
  }

  get orphaned(): boolean {
    return this.#state !== "open";
  }

  opened(): boolean {
    this.#isOpened = true;
    return this.whenOpened?.() ?? true;
  }

  notOpened(): void {
    if (!this.#isOpened && this.#state === "open") this.#gone();
  }

  arrived(data: Buffer): void {
    if (this.#state !== "open") {
      this.#isAddressed = true;
      this.#in?.taken(data.length);
      return;
    }
    if (this.#first === undefined) this.#first = data;
    else (this.#more ??= []).push(data);
    this.#receivedBytes += data.length;
    this.#readable();
  }

  ended(torn: boolean): void {
    if (this.#state === "closing") this.#gone();
    if (this.#state === "gone" || this.#end !== "open") return;
    this.#end = torn ? "torn" : "ended";
    this.#readable();
  }

  /** As in Linux, or as RFC 9293 §3.10.7.4 has it: at once, and what is unread is thrown away. */
  wasReset(): void {
    if (this.#canReadOn && this.#in?.link.happens(0.5) === false) {
      this.#end = "torn";
      this.#readable();
    } else this.#broken("reset");
  }

  /** Linux keeps what was received; who neither reads nor writes does not learn of the reset. */
  get #canReadOn(): boolean {
    if (this.#kind === "UNIX" || this.#state !== "open" || this.#owed) return false;
    if (this.#end !== "open" && this.#end !== "ended") return false;
    return this.#receivedBytes > 0 || !this.#reading;
  }

  timedOut(): void {
    if (this.#state === "gone") return;
    this.#note("timed out");
    this.#broken("timed out");
  }

  /** Told at once, read or not, as soon as the program runs. */
  #broken(how: "reset" | "timed out"): void {
    if (this.#state === "gone" || this.#end === "reset" || this.#end === "timed out") return;
    if (this.#state === "closing") {
      this.#gone();
      return;
    }
    this.#discard();
    this.#end = how;
    this.#readable();
  }

  roomAgain(): void {
    this.#readSoon();
  }

  /** There is something to read: now, if the program is there to read it. */
  #readable(): void {
    if (this.#readAsked) return;
    const late = this.#in?.link.late() ?? 0;
    if (late > 0 || this.machine.stalledUntil > this.machine.world.now) this.#readSoon(late);
    else this.#run();
  }

  #readSoon(late = 0): void {
    if (this.#readAsked) return;
    this.#readAsked = true;
    const { world, stalledUntil } = this.machine;
    const at = world.now + late;
    // A program that goes on sees its timers first, or what has come meanwhile.
    if (at < stalledUntil) world.arriveAt(stalledUntil, this);
    else world.at(at, this);
  }

  happen(): void {
    this.#readAsked = false;
    if (this.machine.stalledUntil > this.machine.world.now) this.#readSoon();
    else this.#run();
  }

  /** Tell the program one thing. */
  #run(): void {
    if (!this.program.alive || this.#state !== "open") return;
    this.machine.world.currentHost = this.machine;
    if (this.#end === "reset" || this.#end === "timed out") this.#tellBroken(this.#end);
    else if (this.#owed && this.#out?.full === false) {
      this.#owed = false;
      if (this.#reading && (this.#receivedBytes > 0 || this.#isEnded)) this.#readSoon();
      this.owner?.bytesSent();
    } else if (this.#reading) this.#read();
  }

  /** Will there be nothing after what was received? */
  get #isEnded(): boolean {
    return this.#end === "ended" || this.#end === "torn";
  }

  #tellBroken(how: "reset" | "timed out"): void {
    this.#gone();
    const code = how === "reset" ? "ECONNRESET" : "ETIMEDOUT";
    this.owner?.connectionFailed(Object.assign(new Error(`read ${code}`), { code }));
  }

  #read(): void {
    if (this.#receivedBytes === 0) {
      if (this.#end === "torn") this.#tellBroken("reset");
      if (this.#end !== "ended") return;
      this.#end = "told";
      this.owner?.endReceived();
      return;
    }
    const most = Math.min(this.#receivedBytes, READ_MAX);
    const data = this.#take(this.#in?.link.readable(most) ?? most);
    if (this.#receivedBytes > 0 || this.#isEnded) this.#readSoon();
    const way = this.#in;
    if (way !== undefined) {
      way.read(data);
      this.machine.world.trace.received(this.machine, way.link.from, way, data);
    }
    this.owner?.bytesReceived(data);
  }

  #take(bytes: number): Buffer {
    const first = this.#first ?? Buffer.alloc(0);
    this.#receivedBytes -= bytes;
    if (first.length === bytes) {
      this.#first = this.#more?.shift();
      return first;
    }
    const all =
      first.length > bytes ? first : Buffer.concat([first, ...(this.#more?.splice(0) ?? [])]);
    this.#first = all.length > bytes ? all.subarray(bytes) : undefined;
    return all.subarray(0, bytes);
  }
}

/** Both ends of a connection that is being made. */
export interface SocketPair {
  readonly client: SimulatedSocket;
  readonly server: SimulatedSocket;
  /** From the client to the server. */
  readonly there: Way;
}

/** Two sockets, and the ways between them. */
export function connectSockets(
  client: MachineProgram,
  server: MachineProgram,
  kind: StreamKind = "TCP",
): SocketPair {
  const id = client.machine.world.nextConnection();
  const near = new SimulatedSocket(client, id, kind);
  const far = new SimulatedSocket(server, id, kind);
  const { network } = client.machine;
  const link = network.link(client.machine, server.machine);
  const back = network.link(server.machine, client.machine);
  const there = new Way({ connection: id, link, back, from: near, to: far });
  const here = new Way({ connection: id, link: back, back: link, from: far, to: near });
  near.attach(far, there, here);
  far.attach(near, here, there);
  return { client: near, server: far, there };
}
