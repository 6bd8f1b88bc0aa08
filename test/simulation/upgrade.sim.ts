/**
 * From plain text to TLS in the middle of a connection, with somebody in between: nothing that was
 * glued to the last plain line is ever obeyed, a conversation that is cut off is lost and not done,
 * and a handshake that does not go on ends in time.
 *
 * @module
 */
import { ConnectionDone, ConnectionLost, ConnectionTimedOut } from "../../src/internet/errors.ts";
import { ClientFactory, Factory } from "../../src/internet/factory.ts";
import { TLSHandshakeError, VerificationError } from "../../src/internet/tls/errors.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { simulation } from "../../src/testing/simulation/module.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";
import { CLIENT_OPTIONS, SERVER_OPTIONS } from "./upgrade-certificate.ts";
import { HANDSHAKE_TIMEOUT, MailClient, MailServer, PATIENCE } from "./upgrade-mail.ts";
import { type Attack, ATTACKS, relay } from "./upgrade-relay.ts";

const PORT = 587;
/** Longer than a whole conversation. */
const BYTES_MAX = 4000;

/** One conversation: what is done to it, and what its client tells. */
interface Conversation {
  readonly id: string;
  readonly attack: Attack;
  readonly mails: readonly string[];
  /** Which name the client looks for: the second is not the server's. */
  readonly name: number;
  client: MailClient | undefined;
}

function drawConversation(sim: Simulation, id: string): Conversation {
  const what = sim.oneOf(ATTACKS);
  const attack = { what, bytes: sim.pick(BYTES_MAX) };
  const mails = Array.from({ length: sim.pick(4) }, (_, at) => `${id}/${String(at)}`);
  return { id, attack, mails, name: sim.chance(0.2) ? 1 : 0, client: undefined };
}

/** Have them, one after the other. @returns Asks whether they are over. */
function converse(
  reactor: SimulatedReactor,
  conversations: readonly Conversation[],
): () => boolean {
  const left = [...conversations];
  let over = false;
  const next = (): void => {
    const conversation = left.shift();
    const options = CLIENT_OPTIONS[conversation?.name ?? 0];
    if (conversation === undefined || options === undefined) {
      over = true;
      return;
    }
    const factory = ClientFactory.building(() => {
      conversation.client = new MailClient(reactor, options, conversation.mails);
      return conversation.client;
    });
    factory.noisy = false;
    factory.clientConnectionLost = next;
    factory.clientConnectionFailed = next;
    reactor.connectTCP("relay", PORT, factory, { timeout: 3 });
  };
  next();
  return () => over;
}

export default simulation("what was said in private was said over TLS", async (sim) => {
  const tls = sim.pick(SERVER_OPTIONS.length);
  const courtesy = sim.oneOf([0, 12_000]);
  const servers: MailServer[] = [];
  const house = sim.host("mail", (reactor) => {
    const factory = Factory.building(() => {
      const options = SERVER_OPTIONS[tls];
      if (options === undefined) return undefined;
      const server = new MailServer(reactor, options, courtesy);
      servers.push(server);
      return server;
    });
    factory.noisy = false;
    reactor.listenTCP(PORT, factory);
  });
  const conversations = Array.from({ length: sim.between(1, 3) }, (_, at) =>
    drawConversation(sim, String(at)),
  );
  const attacks = conversations.map(({ attack }) => attack);
  const middle = sim.host("relay", (reactor) => relay(reactor, PORT, { target: "mail", attacks }));
  let isOver = (): boolean => false;
  sim.host("client", (reactor) => {
    isOver = converse(reactor, conversations);
  });
  for (const what of ATTACKS) sim.sometimes(what);
  const swarm = sim.swarm({ until: 5, crash: [house, middle], every: 0.1 });
  await swarm.done;
  await sim.eventually("all conversations are over", () => isOver(), { within: 60 });
  await sim.sleep(PATIENCE + 1);
  // The time of a handshake begins when the last plain line has left, which takes a while there.
  const isPunctual = !swarm.kinds.has("stall") && !swarm.kinds.has("narrow");
  const inTime = isPunctual ? HANDSHAKE_TIMEOUT + 0.01 : Number.POSITIVE_INFINITY;
  for (const conversation of conversations) {
    const { attack, client } = conversation;
    const server = servers.find(({ mails }) => mails[0]?.startsWith(conversation.id) === true);
    if (client?.begun !== undefined) sim.reached(attack.what);
    if (client !== undefined) checkEnd(client, inTime);
    checkMails(conversation, server);
  }
  for (const server of servers) checkEnd(server, inTime);
  if (swarm.calm) checkCalm(conversations, servers);
  for (const host of sim.simulator.hosts) await sim.stop(host);
});

/** Done means that everything was said, or nothing in private. */
function checkEnd(
  { begun, isComplete, failedAfter, reason }: MailClient | MailServer,
  inTime: number,
) {
  if (reason instanceof ConnectionDone && begun !== undefined && !isComplete) {
    throw new Error("It was cut off, and is said to be done");
  }
  if (
    reason !== undefined &&
    !(reason instanceof ConnectionDone || reason instanceof ConnectionLost)
  ) {
    throw new Error(`It ended with ${reason.name}`);
  }
  if ((failedAfter ?? 0) > inTime) throw new Error(`A handshake took ${String(failedAfter)} s`);
}

/** What was handed in is a beginning of what was to be; what was accepted was handed in. */
function checkMails({ mails, client }: Conversation, server: MailServer | undefined): void {
  const got = server?.mails ?? [];
  const accepted = client?.accepted ?? [];
  const isPrefix = got.every((mail, at) => mail === mails[at]);
  if (!isPrefix || accepted.length > got.length) {
    throw new Error(`Of ${mails.join()}: handed in ${got.join()}, accepted ${accepted.join()}`);
  }
}

/** Nothing went wrong but what the relay did, in its order. */
function checkCalm(conversations: readonly Conversation[], servers: readonly MailServer[]): void {
  for (const [at, { attack, name, mails, client }] of conversations.entries()) {
    const server = servers[at];
    if (client === undefined || server === undefined) throw new Error("Nobody was connected");
    const { what } = attack;
    const told = `${what}: ${String(client.reason)}, ${String(server.reason)}`;
    const isWell = client.isComplete && server.isComplete && server.mails.length === mails.length;
    if (what === "none" && name === 0 && !isWell) throw new Error(`Not complete. ${told}`);
    if (isInjected(what) && !isRefused(what, client, server)) throw new Error(told);
    if (what === "none" && name === 1 && !(client.reason instanceof VerificationError)) {
      throw new Error(`The server has another name. ${told}`);
    }
    const isSwallowed = what === "swallow" && name === 0 && !server.secure && !client.secure;
    const isTimedOut = [client, server].some(({ reason }) => reason instanceof ConnectionTimedOut);
    if (isSwallowed && !isTimedOut) throw new Error(told);
  }
}

function isInjected(what: string): boolean {
  return what.includes("STARTTLS") || what.includes("go-ahead");
}

function isRefused(what: string, client: MailClient, server: MailServer): boolean {
  if (client.secure || server.secure) return false;
  const victim = what.startsWith("command") ? server : client;
  return victim.reason instanceof TLSHandshakeError;
}
