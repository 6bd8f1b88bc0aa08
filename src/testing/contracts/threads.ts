/**
 * Contracts of `IReactorFromThreads`.
 *
 * @module
 */
import { expectEqual } from "./expect.ts";
import type { Contracts } from "./trial.ts";

/** By name. */
export const threadContracts: Contracts = {
  "callFromThread() calls later, in the order asked for, with the arguments": async (trial) => {
    const seen: number[] = [];
    for (const one of [1, 2, 3]) {
      trial.reactor.callFromThread((value: number) => seen.push(value), one);
    }
    expectEqual(seen, [], "calls from inside callFromThread");
    await trial.settle(() => seen.length === 3);
    expectEqual(seen, [1, 2, 3]);
  },

  "a call from a thread that throws is logged, and the others still come": async (trial) => {
    const boom = new Error("boom");
    let next = false;
    trial.reactor.callFromThread(() => {
      throw boom;
    });
    trial.reactor.callFromThread(() => {
      next = true;
    });
    await trial.settle(() => next);
    trial.expectLogged(boom);
  },

  "callFromThread() from inside such a call runs in a later pass": async (trial) => {
    const seen: string[] = [];
    trial.reactor.callFromThread(() => {
      seen.push("first");
      trial.reactor.callFromThread(() => seen.push("from the first"));
    });
    trial.reactor.callFromThread(() => seen.push("second"));
    await trial.settle(() => seen.length === 3);
    expectEqual(seen, ["first", "second", "from the first"]);
  },

  "a chain of callFromThread() does not keep I/O waiting": async (trial) => {
    const { server, client } = await trial.pair();
    let links = 0;
    const link = (): void => {
      links += 1;
      if (links < 100_000 && server.text === "") trial.reactor.callFromThread(link);
    };
    trial.reactor.callFromThread(link);
    client.write("here");
    await trial.settle(() => server.text === "here");
    expectEqual(links < 1000, true, `I/O between ${String(links)} links`);
  },
};
