import { Readable } from "node:stream";
import { assert, describe, it } from "vitest";
import { type Scenario, simulate } from "./simulate.ts";

/** What nobody catches, in every way there is. */
const UNCAUGHT: Readonly<Record<string, () => void>> = {
  "a tick": () => {
    process.nextTick(() => {
      throw new Error("uncaught");
    });
  },
  "a microtask": () => {
    queueMicrotask(() => {
      throw new Error("uncaught");
    });
  },
  "a listener of an AbortSignal": () => {
    const controller = new AbortController();
    controller.signal.addEventListener("abort", () => {
      throw new Error("uncaught");
    });
    controller.abort();
  },
  "a stream with nobody to tell": () => {
    new Readable().destroy(new Error("uncaught"));
  },
};

describe("what nobody catches", () => {
  for (const drain of ["ticks", "immediate"] as const) {
    for (const [name, f] of Object.entries(UNCAUGHT)) {
      it(`in ${name} is the simulation's failure, of its host (${drain})`, async () => {
        const scenario: Scenario = async (sim) => {
          sim.host("one", f);
          await sim.sleep(1);
        };
        const { failure } = await simulate(scenario, { drain });
        assert.equal(failure?.message, "uncaught");
        assert.equal(failure?.host, "one");
      });
    }

    it(`leaves nothing behind that goes on after the run (${drain})`, async () => {
      const before = process.rawListeners("unhandledRejection");
      const scenario: Scenario = async (sim) => {
        setTimeout(() => {
          void Promise.reject(new Error("a rejection of the event that failed"));
          throw new Error("first");
        }, 10);
        await sim.sleep(1);
      };
      const { failure, time } = await simulate(scenario, { drain });
      assert.equal(failure?.message, "first");
      assert.equal(time, 0.01);
      assert.deepEqual(process.rawListeners("unhandledRejection"), before);
      // Whatever is left would come now, and vitest would complain.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    });
  }
});
