/**
 * A run that a debugger stops in, before something happens.
 *
 * @module
 */
import inspector from "node:inspector";
import type { Simulator } from "../../reactors/simulated/simulator.ts";
import {
  type Scenario,
  simulate,
  type SimulateOptions,
} from "../../testing/simulation/simulate.ts";

/**
 * The same scenario, which stops in the debugger before the event of its trace with that number, or
 * before its end, if there are not so many. A debugger is waited for.
 *
 * @param options Of the run, which is run once to find the place.
 */
export async function stopsBefore(
  traced: number,
  scenario: Scenario,
  options: SimulateOptions,
): Promise<Scenario> {
  const event = await eventThatTraces(traced, scenario, options);
  if (inspector.url() === undefined) inspector.open();
  inspector.waitForDebugger();
  return watched(scenario, (_simulator, happens) => {
    // The next step in the debugger leads to the program.
    // oxlint-disable-next-line no-debugger
    if (happens === event) debugger;
  });
}

/** Which event of the simulator is it that notes the event with that number in the trace? */
export async function eventThatTraces(
  traced: number,
  scenario: Scenario,
  options: SimulateOptions,
): Promise<number> {
  let found = 1;
  const look = (simulator: Simulator, happens: number): void => {
    if (simulator.trace.count < traced) found = happens;
  };
  await simulate(watched(scenario, look), options);
  return found;
}

/** The same scenario, and somebody is told before each event, from the first on. */
function watched(
  scenario: Scenario,
  before: (simulator: Simulator, happens: number) => void,
): Scenario {
  return (sim) => {
    const { simulator } = sim;
    simulator.beforeEvent = (happens) => before(simulator, happens);
    before(simulator, simulator.happened);
    return scenario(sim);
  };
}
