/**
 * Names as a program on a simulated host resolves them: the resolver of the Node reactor, on a
 * `getaddrinfo` that asks the names of the simulated world.
 *
 *     NodeNameResolver ─▶ two questions at once ─▶ localhost: /etc/hosts
 *                                               ─▶ SimulatedNames: an answer, in time
 *                                               ─▶ none in 5 seconds: again, then EAI_AGAIN
 *
 * So all that real programs meet is met here as well: names that hang keep others waiting, there is
 * a deadline, and a question that was cancelled goes on unseen.
 *
 * @module
 */
import { ipFamily } from "../../../internet/ip-family.ts";
import type { LookupAnswer } from "../../node/lookups.ts";
import { NodeNameResolver, type NodeNameResolverOptions } from "../../node/name-resolver.ts";
import type { SimulatedEvent } from "../event-queue.ts";
import type { SimulatedSystem } from "../system.ts";
import type { NameFailure } from "./simulated-names.ts";

/** Half of libuv's four threads. */
const CONCURRENT = 2;
/** Seconds that glibc waits for an answer, and how often it asks (resolv.conf(5)). */
const TRY_TIMEOUT = 5;
const TRIES = 2;
/** What `/etc/hosts` has on most systems, in the order of RFC 6724. */
const LOCALHOST = ["::1", "127.0.0.1"];

/** What an answer that is none is for Node. */
const ERRORS: Readonly<Record<NameFailure, readonly [code: string, errno: number]>> = {
  NXDOMAIN: ["ENOTFOUND", -3008],
  SERVFAIL: ["EAI_AGAIN", -3001],
  timeout: ["EAI_AGAIN", -3001],
};

/** The resolver that a simulated reactor has from the start. */
export class SimulatedResolver extends NodeNameResolver {
  /** @throws {RangeError} A timeout that is none. */
  constructor(system: SimulatedSystem, options: Omit<NodeNameResolverOptions, "lookup"> = {}) {
    super(system, {
      concurrent: CONCURRENT,
      ...options,
      lookup: (name, { family }, answer) => ask(system, { name, family, answer }),
    });
  }
}

/** What `getaddrinfo` is called with. */
interface Asked {
  readonly name: string;
  readonly family: 0 | 4 | 6;
  readonly answer: LookupAnswer;
}

function ask(system: SimulatedSystem, asked: Asked): void {
  const name = asked.name.toLowerCase();
  const question = new Question(system, asked);
  if (name === "localhost" || name === "localhost.") question.tellLater(LOCALHOST);
  else question.send();
}

/** One call of `getaddrinfo`, in a thread of its own. */
class Question implements SimulatedEvent {
  readonly #system: SimulatedSystem;
  readonly #asked: Asked;
  #tries = 0;

  constructor(system: SimulatedSystem, asked: Asked) {
    this.#system = system;
    this.#asked = asked;
  }

  send(): void {
    const { machine } = this.#system;
    const { world, names } = machine;
    this.#tries += 1;
    world.arriveAt(world.now + names.delay(machine), this);
  }

  /** The answer arrives, or would have. */
  happen(): void {
    const { machine, alive } = this.#system;
    if (!alive) return;
    const answer = machine.names.answer(machine, this.#asked.name);
    if (answer !== "timeout") this.tellLater(answer);
    else machine.world.after(TRY_TIMEOUT, { happen: () => this.#unanswered() });
  }

  #unanswered(): void {
    if (!this.#system.alive) return;
    if (this.#tries < TRIES) this.send();
    else this.tellLater("timeout");
  }

  /** Tell the program, as soon as it runs. */
  tellLater(answer: readonly string[] | NameFailure): void {
    const { machine } = this.#system;
    const failed = typeof answer === "string";
    const text = `${this.#asked.name}: ${failed ? answer : answer.join(" ")}`;
    machine.world.trace.note("name", machine, { text });
    this.#system.later(() => {
      if (failed) this.#fail(answer);
      else this.#tell(answer);
    });
  }

  #tell(addresses: readonly string[]): void {
    const { family, answer } = this.#asked;
    const found = addresses.filter((one) => family === 0 || ipFamily(one) === family);
    if (found.length === 0) this.#fail("NXDOMAIN");
    else {
      answer(
        null,
        found.map((address) => ({ address })),
      );
    }
  }

  #fail(how: NameFailure): void {
    const { name, answer } = this.#asked;
    const [code, errno] = ERRORS[how];
    const message = `getaddrinfo ${code} ${name}`;
    answer(Object.assign(new Error(message), { code, errno, syscall: "getaddrinfo" }));
  }
}
