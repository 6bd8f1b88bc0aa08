/**
 * How long tasks in the threads of a simulated host take.
 *
 * @module
 */
import type { ChoiceStream } from "../choices.ts";
import { Delay } from "../delay.ts";
import type { Range } from "../link.ts";
import type { NetworkNode, World } from "../world.ts";

/** See the top of this file. */
export interface ThreadTimesOptions {
  /** Seconds that a new thread takes until it runs its first task. Default: 30 ms. */
  readonly start?: Range;
  /** Seconds that a task takes, whatever it does. Default: 100 µs. */
  readonly work?: Range;
}

const START = 0.03;
const WORK = 0.0001;

/** See the top of this file. */
export class ThreadTimes {
  readonly #world: World;
  readonly #host: NetworkNode;
  readonly #start = new Delay(START);
  readonly #work = new Delay(WORK);

  constructor(world: World, host: NetworkNode) {
    this.#world = world;
    this.#host = host;
  }

  /** Change them; what is not named stays. */
  configure(options: ThreadTimesOptions): void {
    if (options.start !== undefined) this.#start.set(options.start);
    if (options.work !== undefined) this.#work.set(options.work);
  }

  get #choices(): ChoiceStream {
    return this.#world.choices.stream(`threads:${this.#host.name}`);
  }

  /** Seconds until the next task is over. @param isFirst Of a new thread. */
  draw(isFirst: boolean): number {
    const start = isFirst ? this.#start.draw(this.#choices) : 0;
    return start + this.#work.draw(this.#choices);
  }
}
