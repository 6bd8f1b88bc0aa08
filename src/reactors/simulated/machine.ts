/**
 * A host, as what runs on it sees it: the kernel's tables, and the way to other hosts.
 *
 * @module
 */
import type { SimulatedNames } from "./names/simulated-names.ts";
import type { SimulatedDisk } from "./disk/simulated-disk.ts";
import type { SimulatedNetwork } from "./network.ts";
import type { SimulatedPrograms } from "./processes/simulated-programs.ts";
import type { ThreadTimes } from "./threads/thread-times.ts";
import type { DatagramTable } from "./udp/datagram-table.ts";
import type { SocketNames } from "./unix/socket-names.ts";
import type { NetworkNode, RunningProgram, World } from "./world.ts";

/** What the kernel closes when a program ends. */
export interface Descriptor {
  /** The program has ended; the kernel is there. */
  closeByKernel(): void;
  /** There is no power: nobody is told of anything. */
  vanish(): void;
}

/** Somebody who listens on a port of streams. */
export interface Listener extends Descriptor {
  /** An address of the host, or a wildcard. */
  readonly interface: string;
  readonly port: number;
  /** May one more connection come in, or are too many waiting? */
  readonly hasRoom: boolean;
}

/** See the top of this file. */
export interface Machine extends NetworkNode {
  readonly world: World;
  readonly network: SimulatedNetwork<Machine>;
  /** Has it power? */
  readonly powered: boolean;
  /** Counts how often its kernel has started: connections of an earlier one are unknown to it. */
  readonly boot: number;
  /** Nothing of its program runs before this time. */
  readonly stalledUntil: number;
  /** Seconds by which its time of day is wrong. */
  readonly skew: number;
  /** Who listens for streams, by port. */
  readonly listeners: Map<number, Listener[]>;
  /** Who listens for datagrams. */
  readonly datagrams: DatagramTable;
  /** The names of UNIX sockets. */
  readonly socketNames: SocketNames;
  /** What the kernel closes when the program ends. */
  readonly descriptors: Set<Descriptor>;
  /** Its disk: what was written there and is not lost outlives its programs. */
  readonly disk: SimulatedDisk;
  /** How many programs have been started on it. */
  readonly starts: number;
  /** What names stand for. */
  readonly names: SimulatedNames;
  /** The programs that can be started on it. */
  readonly programs: SimulatedPrograms;
  /** How long tasks in threads take. */
  readonly threads: ThreadTimes;
  /** Is this one of its addresses? */
  hasAddress(address: string): boolean;
  /** A port that nobody has. */
  ephemeralPort(isTaken: (port: number) => boolean): number;
  /** Let time stand still until that is settled: it comes from outside of the simulation. */
  hold(until: PromiseLike<unknown>): void;
}

/** A program, with its machine. */
export interface MachineProgram extends RunningProgram {
  readonly machine: Machine;
}
