/**
 * A simulated reactor, as its own transports see it.
 *
 * @module
 */
import { ReactorBase } from "../base/reactor-base.ts";
import type { Machine, MachineProgram } from "./machine.ts";

/** See the top of this file. */
export abstract class SimulatedSystem extends ReactorBase implements MachineProgram {
  /** Does its program still run? */
  abstract readonly alive: boolean;
  /** Where it runs. */
  abstract readonly machine: Machine;
}
