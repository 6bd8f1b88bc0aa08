/**
 * Questions to the system's resolver, few at a time.
 *
 * `getaddrinfo` blocks a thread, and cannot be stopped. libuv gives such calls half of its threads
 * (2 of 4, or half of `UV_THREADPOOL_SIZE`), so that files are not kept waiting by names; all
 * others wait in its queue, from which nothing can be taken back. Measured with a name server that
 * never answers (1 second a name): eight names take 4 seconds in pairs, and the ninth question,
 * though answered from `/etc/hosts`, waits that long, while files are read in 0.00. So the queue is
 * kept here, and holds what is still wanted: after an outage the names that nobody waits for any
 * more cost nothing. Who asks what is being asked already joins that question: a name that hangs
 * takes one thread, not all.
 *
 * @module
 */
import { lookup } from "node:dns";
import { Failure } from "../../defer/failure.ts";

/** What the system says: addresses, the better ones earlier, or an error. */
export type LookupAnswer = (
  error: NodeJS.ErrnoException | null,
  addresses?: readonly { readonly address: string }[],
) => void;

/** `dns.lookup`, or one with its manners. */
export type LookupFunction = (
  hostname: string,
  options: { readonly all: true; readonly family: 0 | 4 | 6; readonly verbatim: true },
  callback: LookupAnswer,
) => unknown;

/** One question, and who wants to know. */
interface Question {
  readonly name: string;
  readonly family: 0 | 4 | 6;
  readonly answers: Set<LookupAnswer>;
  asked: boolean;
}

/** How libuv shares its threads out (`uv__slow_work`): half, rounded up. */
function threadsForNames(): number {
  const threads = Number(process.env["UV_THREADPOOL_SIZE"] ?? 4);
  return Number.isInteger(threads) && threads > 0 ? Math.ceil(Math.min(threads, 1024) / 2) : 2;
}

/** See the top of this file. */
export class Lookups {
  readonly #concurrent: number;
  readonly #lookup: LookupFunction;
  readonly #questions = new Map<string, Question>();
  #asked = 0;

  /** @param concurrent Questions that the system is asked at once; the others wait here. */
  constructor(concurrent: number = threadsForNames(), lookupNow: LookupFunction = lookup) {
    this.#concurrent = concurrent;
    this.#lookup = lookupNow;
  }

  /** How many questions wait to be asked. */
  get waiting(): number {
    return this.#questions.size - this.#asked;
  }

  /**
   * Ask; `answer` is called once, in a later turn.
   *
   * @returns Forgets it. A question that nobody wants an answer to, and that has not been asked, is
   * not asked.
   */
  ask(name: string, family: 0 | 4 | 6, answer: LookupAnswer): () => void {
    const key = `${String(family)} ${name}`;
    const question = this.#questions.get(key) ?? {
      name,
      family,
      answers: new Set(),
      asked: false,
    };
    this.#questions.set(key, question);
    question.answers.add(answer);
    this.#askNext();
    return () => {
      question.answers.delete(answer);
      if (question.answers.size === 0 && !question.asked) this.#questions.delete(key);
    };
  }

  #askNext(): void {
    if (this.#asked >= this.#concurrent) return;
    for (const [key, question] of this.#questions) {
      if (question.asked) continue;
      this.#askSystem(key, question);
      if (this.#asked >= this.#concurrent) return;
    }
  }

  #askSystem(key: string, question: Question): void {
    question.asked = true;
    this.#asked += 1;
    let over = false;
    const answered: LookupAnswer = (error, addresses) => {
      if (over) return;
      over = true;
      this.#asked -= 1;
      this.#questions.delete(key);
      this.#askNext();
      const list = Array.isArray(addresses) ? addresses : [];
      for (const answer of question.answers) answer(error, list);
    };
    // In a later turn, also if somebody else's function answers at once, or throws.
    const later: LookupAnswer = (error, addresses) => {
      process.nextTick(answered, error, addresses);
    };
    const { name, family } = question;
    try {
      // In the system's order (RFC 6724), whatever --dns-result-order says.
      this.#lookup(name, { all: true, family, verbatim: true }, later);
    } catch (error) {
      later(Failure.of(error).value);
    }
  }
}
