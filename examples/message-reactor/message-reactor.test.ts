/**
 * The contracts, over a reactor that was written with the guide.
 *
 * @module
 */
import { setImmediate as nextPass } from "node:timers/promises";
import { describeReactor } from "sennit/testing";
import { describe, it } from "vitest";
import { MessageReactor } from "./message-reactor.ts";

const GUARD_MS = 10_000;

describeReactor(
  "MessageReactor",
  () => {
    const reactor = new MessageReactor();
    return {
      reactor,
      async settle(until) {
        const deadline = performance.now() + GUARD_MS;
        while (!until()) {
          if (performance.now() > deadline) throw new Error(`Waited in vain for ${String(until)}`);
          await nextPass();
        }
      },
      refusingPort: () => Promise.resolve(1),
      async dispose() {
        await reactor[Symbol.asyncDispose]();
      },
    };
  },
  { describe, it },
);
