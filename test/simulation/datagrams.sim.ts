/**
 * Requests and replies in datagrams, with retries and a memory for what was done: each request is
 * answered, and done once in a life of its server, whatever is lost, doubled, overtaken or changed
 * on the way, and whoever else sends datagrams.
 *
 *     client ── 3: 20 ──▶ server      lost: again after 0.2, 0.4, … seconds
 *            ◀── 3: 40 ──             doubled: the second is nobody's
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { DatagramProtocol } from "../../src/internet/datagram-protocol.ts";
import type { IDelayedCall } from "../../src/internet/interfaces-reactor.ts";
import type { IUDPPort, UDPAddress } from "../../src/internet/interfaces-udp.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { simulation } from "../../src/testing/simulation/module.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";

const PORT = 5300;
const CLIENT_PORT = 5301;
const RETRY_FIRST = 0.2;
const RETRY_MAX = 2;
const REFUSED = "a client was refused";
const RETRIED = "a request was sent again";
const REPEATED = "a request came again";

/** A request, or a reply. */
interface Message {
  readonly client: string;
  readonly id: number;
  readonly value: number;
}

function encode({ client, id, value }: Message): Buffer {
  const text = `${client} ${String(id)} ${String(value)}`;
  return Buffer.from(`${String(crc32(text))} ${text}`);
}

/** @returns `undefined` for what was changed on its way. */
function decode(data: Buffer): Message | undefined {
  const [, sum, text = ""] = /^(\d+) (.*)$/su.exec(data.toString("latin1")) ?? [];
  if (sum !== String(crc32(text))) return undefined;
  const [client = "", id, value] = text.split(" ");
  return { client, id: Number(id), value: Number(value) };
}

/** Doubles numbers. */
class Server extends DatagramProtocol {
  readonly #sim: Simulation;
  readonly #done = new Set<string>();

  constructor(sim: Simulation) {
    super();
    this.#sim = sim;
  }

  override datagramReceived(data: Buffer, from: UDPAddress): void {
    const message = decode(data);
    if (message === undefined) return;
    const { client, id, value } = message;
    const key = `${client} ${String(id)}`;
    if (this.#done.has(key)) this.#sim.reached(REPEATED);
    this.#done.add(key);
    this.transport.write(encode({ client, id, value: 2 * value }), from);
  }
}

interface Request {
  readonly id: number;
  readonly value: number;
  tries: number;
  retry: IDelayedCall | undefined;
}

interface ClientParts {
  readonly sim: Simulation;
  readonly name: string;
  readonly reactor: SimulatedReactor;
  readonly server: string;
  /** Does it talk to its server alone, as far as the system is concerned? */
  readonly connected: boolean;
  readonly values: readonly number[];
  /** Requests under way at once. */
  readonly window: number;
  /** Seconds after which its port is closed for a moment, if it is. */
  readonly closes: number | undefined;
}

/** Asks for its numbers, until each is answered. */
class Client extends DatagramProtocol {
  readonly parts: ClientParts;
  readonly #left: Request[];
  readonly #asked = new Map<number, Request>();
  readonly #port: IUDPPort;
  sent = 0;
  answered = 0;
  refused = 0;
  stopped = false;

  constructor(parts: ClientParts) {
    super();
    this.parts = parts;
    const { reactor, server, closes } = parts;
    const networkInterface = server.includes(":") ? "::" : "";
    this.#port = reactor.listenUDP(CLIENT_PORT, this, { interface: networkInterface });
    if (closes !== undefined) reactor.callLater(closes, () => this.#closeForAMoment());
    this.#left = parts.values.map((value, id) => ({ id, value, tries: 0, retry: undefined }));
  }

  get isDone(): boolean {
    return this.#left.length === 0 && this.#asked.size === 0;
  }

  /** Ask, before the port is bound if it needs no peer: what is written then waits. */
  begin(): void {
    if (!this.parts.connected) this.#next();
  }

  override startProtocol(): void {
    this.stopped = false;
    if (this.parts.connected) this.transport.connect(this.parts.server, PORT);
    this.#next();
  }

  #closeForAMoment(): void {
    void this.#port.stopListening().addCallback(() => this.#port.startListening());
  }

  #next(): void {
    while (this.#asked.size < this.parts.window) {
      const request = this.#left.shift();
      if (request === undefined) return;
      this.#asked.set(request.id, request);
      this.#send(request);
    }
  }

  #send(request: Request): void {
    const { sim, name, reactor, connected, server } = this.parts;
    const { id, value, tries } = request;
    if (tries > 0) sim.reached(RETRIED);
    const bytes = encode({ client: name, id, value });
    if (connected) this.#port.write(bytes);
    else this.#port.write(bytes, { host: server, port: PORT });
    this.sent += 1;
    request.tries += 1;
    const wait = Math.min(RETRY_FIRST * 2 ** tries, RETRY_MAX);
    request.retry = reactor.callLater(wait, () => this.#send(request));
  }

  override datagramReceived(data: Buffer, { host, port }: UDPAddress): void {
    const { sim, name, connected, server } = this.parts;
    if (this.stopped) sim.unreachable("a datagram after stopProtocol");
    if (host !== server || port !== PORT) {
      if (connected) sim.unreachable("a datagram that is not the peer's");
      return;
    }
    const message = decode(data);
    const request = message === undefined ? undefined : this.#asked.get(message.id);
    if (message === undefined || request === undefined) return;
    const isRight = message.client === name && message.value === 2 * request.value;
    if (!isRight) sim.unreachable("a wrong reply");
    request.retry?.cancel();
    this.#asked.delete(request.id);
    this.answered += 1;
    this.#next();
  }

  override connectionRefused(): void {
    if (!this.parts.connected) this.parts.sim.unreachable("a port without a peer is refused");
    this.refused += 1;
    this.parts.sim.reached(REFUSED);
  }

  override stopProtocol(): void {
    this.stopped = true;
  }
}

/** Answers what nobody has asked it. */
function impostor(reactor: SimulatedReactor, victims: readonly Message[], host: string): void {
  const protocol = new DatagramProtocol();
  reactor.listenUDP(PORT, protocol, { interface: host.includes(":") ? "::" : "" });
  for (const [at, victim] of victims.entries()) {
    reactor.callLater(at / 10, () => {
      protocol.transport.write(encode(victim), { host, port: CLIENT_PORT });
    });
  }
}

/** More weather, for datagrams alone. */
function drawManners(sim: Simulation): void {
  sim.net.default({
    ...(sim.chance(0.5) && { datagramLoss: 0.2 }),
    ...(sim.chance(0.5) && { duplication: 0.2 }),
    ...(sim.chance(0.5) && { reordering: 0.2 }),
    ...(sim.chance(0.5) && { corruption: 0.1 }),
  });
}

/** What a client must have seen, where nothing is lost. @param late Did the server come later? */
function checkCalm({ sent, answered, refused, parts }: Client, late: boolean): void {
  const { connected, closes } = parts;
  const told = `${String(sent)} sent, ${String(answered)} answered, ${String(refused)} refused`;
  if (!late && closes === undefined && sent !== answered)
    throw new Error(`Nothing is lost, and ${told}`);
  if (late && connected !== refused > 0) throw new Error(`Nobody listens, and ${told}`);
}

export default simulation("each request is answered, and done once", async (sim) => {
  for (const mark of [REFUSED, RETRIED, REPEATED]) sim.sometimes(mark);
  const server = sim.host("server");
  const late = sim.pick(3);
  const family = sim.oneOf(["ipv4", "ipv6"] as const);
  const options = { interface: family === "ipv6" ? "::" : "" };
  const serve = (reactor: SimulatedReactor): void => {
    reactor.listenUDP(PORT, new Server(sim), options);
  };
  sim.simulator.after(late, { happen: () => server.start(serve) });
  const clients: Client[] = [];
  const homes = sim.hosts(sim.between(1, 3), "client");
  for (const home of homes) {
    const connected = sim.chance(0.5);
    const values = Array.from({ length: sim.between(1, 8) }, () => sim.pick(100));
    const window = sim.between(1, 3);
    const closes = sim.chance(0.3) ? sim.between(1, 3000) / 1000 : undefined;
    const own = { sim, name: home.name, server: server[family], connected, values, window, closes };
    home.start((reactor) => {
      const client = new Client({ ...own, reactor });
      clients.push(client);
      client.begin();
    });
    const lies = values.map((_, id) => ({ client: home.name, id, value: -1 }));
    sim.host(`impostor of ${home.name}`, (reactor) => impostor(reactor, lies, home[family]));
  }
  const swarm = sim.swarm({ until: 8, crash: [server] });
  if (!swarm.calm) drawManners(sim);
  await swarm.done;
  const isDone = (): boolean => clients.length > 0 && clients.every((client) => client.isDone);
  await sim.eventually("all are answered", isDone, { within: swarm.calm ? 10 : 120 });
  if (swarm.calm) for (const client of clients) checkCalm(client, late > 0);
  await sim.eventually("everybody has done what they wanted", () =>
    sim.simulator.hosts.every(({ reactor }) => reactor.getDelayedCalls().length === 0),
  );
  for (const host of sim.simulator.hosts) await sim.stop(host);
  if (!clients.every(({ stopped }) => stopped)) throw new Error("A protocol was not stopped");
});
