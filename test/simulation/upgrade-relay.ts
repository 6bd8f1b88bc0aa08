/**
 * Somebody in the middle, for the scenario of upgrading: passes on what two others say to each
 * other, and may add to it, swallow it or end it at a moment of its choice.
 *
 * @module
 */
import type { Failure } from "../../src/defer/failure.ts";
import { ClientFactory, Factory } from "../../src/internet/factory.ts";
import { Protocol } from "../../src/internet/protocol.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";

/** What the relay does, and when: after so many bytes of what should be TLS. */
export interface Attack {
  readonly what: (typeof ATTACKS)[number];
  readonly bytes: number;
}

/** All that it can do. */
export const ATTACKS = [
  "none",
  "command glued to STARTTLS",
  "command after STARTTLS",
  "answer glued to the go-ahead",
  "cut",
  "swallow",
] as const;

/** The last words in plain text. */
const COMMAND = "\r\nSTARTTLS\r\n";
const GO_AHEAD = " go ahead\r\n";
const INJECTED = "MAIL injected\r\n";

/** One connection that is passed on. */
class Passage {
  /** What is to be written a moment later. */
  followUp: string | undefined;
  readonly #attack: Attack;
  #plain = "";
  #upgraded = false;
  /** Bytes passed since then. */
  #passed = 0;

  constructor(attack: Attack) {
    this.#attack = attack;
  }

  /** What is passed on of `data`; `undefined`: nothing, and this is the end. */
  pass(data: Buffer): Buffer | undefined {
    if (this.#upgraded) return this.#passSecret(data);
    this.#plain += data.toString("latin1");
    const { what } = this.#attack;
    if (this.#plain.endsWith(GO_AHEAD)) {
      this.#upgraded = true;
      if (what === "answer glued to the go-ahead") return glued(data, "250 injected\r\n");
    } else if (this.#plain.endsWith(COMMAND)) {
      if (what === "command glued to STARTTLS") return glued(data, INJECTED);
      if (what === "command after STARTTLS") this.followUp = INJECTED;
    }
    return data;
  }

  #passSecret(data: Buffer): Buffer | undefined {
    const { what, bytes } = this.#attack;
    const left = bytes - this.#passed;
    this.#passed += data.length;
    if (this.#passed <= bytes || (what !== "cut" && what !== "swallow")) return data;
    if (left > 0) return data.subarray(0, left);
    return what === "swallow" ? Buffer.alloc(0) : undefined;
  }
}

function glued(data: Buffer, text: string): Buffer {
  return Buffer.concat([data, Buffer.from(text)]);
}

/** One of the two ends of a passage. */
class End extends Protocol {
  /** The end on the other side; there is none yet, or none any more. */
  other: End | undefined;
  readonly #reactor: SimulatedReactor;
  readonly #passage: Passage;
  /** What came before there was another end. */
  #early: Buffer[] = [];

  constructor(reactor: SimulatedReactor, passage: Passage) {
    super();
    this.#reactor = reactor;
    this.#passage = passage;
  }

  /** The other end is connected. */
  join(other: End): void {
    this.other = other;
    for (const data of this.#early.splice(0)) this.dataReceived(data);
  }

  override dataReceived(data: Buffer): void {
    if (this.other === undefined) {
      this.#early.push(data);
      return;
    }
    const { transport } = this.other;
    const passed = this.#passage.pass(data);
    const { followUp } = this.#passage;
    this.#passage.followUp = undefined;
    if (followUp !== undefined) this.#reactor.callLater(0.001, () => transport.write(followUp));
    if (passed !== undefined) transport.write(passed);
    else {
      transport.loseConnection();
      this.transport.loseConnection();
    }
  }

  override connectionLost(_reason: Failure): void {
    this.other?.transport.loseConnection();
    this.other = undefined;
  }
}

/** Listen, and pass everything on to `target`; `attacks` are for one connection each. */
export function relay(
  reactor: SimulatedReactor,
  port: number,
  { target, attacks }: { readonly target: string; readonly attacks: Attack[] },
): void {
  const factory = Factory.building(() => {
    const passage = new Passage(attacks.shift() ?? { what: "none", bytes: 0 });
    const near = new End(reactor, passage);
    const far = new End(reactor, passage);
    far.connectionMade = () => {
      far.join(near);
      near.join(far);
    };
    const onward = ClientFactory.building(() => far);
    onward.noisy = false;
    onward.clientConnectionFailed = () => near.transport.loseConnection();
    reactor.connectTCP(target, port, onward, { timeout: 3 });
    return near;
  });
  factory.noisy = false;
  reactor.listenTCP(port, factory);
}
