/**
 * `spawnProcess` of the Node reactor: with pipes, or on a terminal.
 *
 * @module
 */
import type {
  IProcessProtocol,
  IProcessTransport,
  SpawnProcessOptions,
} from "../../../internet/interfaces-process.ts";
import type { ReactorBase } from "../../base/reactor-base.ts";
import { spawnOrder } from "../../base/spawn-order.ts";
import { NodeProcess } from "./node-process.ts";
import { PTYProcess } from "./pty-process.ts";

/** What to start, and who is told. */
export interface Spawning {
  readonly protocol: IProcessProtocol;
  readonly executable: string;
  readonly options: SpawnProcessOptions;
}

/** See `IReactorProcess.spawnProcess`. */
export function spawnProcess(
  reactor: ReactorBase,
  { protocol, executable, options }: Spawning,
): IProcessTransport {
  const order = spawnOrder(executable, options);
  const size = order.terminal;
  if (size === undefined) return new NodeProcess(reactor, protocol, order);
  return new PTYProcess(reactor, protocol, { order, size });
}
