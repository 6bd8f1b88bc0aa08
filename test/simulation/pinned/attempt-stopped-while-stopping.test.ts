/**
 * As in `attempt-begun-while-stopping`, with `stopConnecting()` from inside `startedConnecting`:
 * the attempt is nobody's any more, and its end was told only after `run()` had fired.
 *
 * @module
 */
import { it } from "vitest";
import { simulate } from "sennit/testing/simulation";
import scenario from "../reconnecting.sim.ts";

it("an attempt stopped while the reactor stops has failed when that has stopped", async () => {
  const token = "sim1:2717:i45WKs8vys7JT0xR0ok20DHSMdQxB5PGOoY6JjoWOqY6hjpmOqY6FjqGZmY6hoY6hrGxsQA";
  const options = { ...scenario.options, token };
  const { failure } = await simulate(scenario.scenario, options);
  if (failure !== undefined) throw failure;
});
