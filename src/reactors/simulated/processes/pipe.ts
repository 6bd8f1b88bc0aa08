/**
 * A pipe between a process and its child: a pair of UNIX sockets, as Node makes them.
 *
 * @module
 */
import type { Machine, MachineProgram } from "../machine.ts";
import { SimulatedSocket } from "../tcp/socket.ts";
import { Way } from "../tcp/way.ts";

/** Both ends of a pipe. */
export interface Pipe {
  readonly parent: SimulatedSocket;
  readonly child: SimulatedSocket;
}

/** A pipe between a program of `machine` and one that it has started. */
export function makePipe(machine: Machine, program: MachineProgram, started: MachineProgram): Pipe {
  const { world, programs } = machine;
  const connection = world.nextConnection();
  const parent = new SimulatedSocket(program, connection, "UNIX");
  const child = new SimulatedSocket(started, connection, "UNIX");
  const { toChildren, fromChildren } = programs;
  const way = { connection, link: toChildren, back: fromChildren };
  const there = new Way({ ...way, from: parent, to: child });
  const back = { connection, link: fromChildren, back: toChildren };
  const here = new Way({ ...back, from: child, to: parent });
  parent.attach(child, there, here);
  child.attach(parent, here, there);
  return { parent, child };
}
