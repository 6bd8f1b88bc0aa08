/**
 * The reactor stops and closes its connections. When the client is told that one is lost, it begins
 * an attempt to connect to the other port. That attempt has no hope, and its factory was told so
 * only after `run()` had fired: the retry that it asked for then went on in a stopped reactor.
 *
 * @module
 */
import { it } from "vitest";
import { simulate } from "sennit/testing/simulation";
import scenario from "../reconnecting.sim.ts";

it("an attempt that begins while the reactor stops has failed when it has stopped", async () => {
  const token = "sim1:33:i45WKs8vys7JT0xR0ok20DHSMdIx1zHWMdYx0THUMdUx1DHTsQCLGJqAuGY6hgYWJrGxsQA";
  const options = { ...scenario.options, token };
  const { failure } = await simulate(scenario.scenario, options);
  if (failure !== undefined) throw failure;
});
