/**
 * Both ends of a connection on which TLS is to be begun.
 *
 * @module
 */
import { TLSScene } from "./tls-scene.ts";
import type { TLSHooks, TLSWitness } from "./tls-witness.ts";
import type { Trial } from "./trial.ts";

/** Both ends of a connection that is not secure yet, or not with this TLS. */
export interface Ends {
  readonly scene: TLSScene;
  readonly server: TLSWitness;
  readonly client: TLSWitness;
  /** Handshakes before any of ours: the suite may run over TLS. */
  readonly below: number;
}

/** Connect; whatever TLS there is below has done its handshake. */
export async function plain(
  trial: Trial,
  server: TLSHooks | TLSWitness = {},
  client: TLSHooks | TLSWitness = {},
): Promise<Ends> {
  const scene = await TLSScene.set(trial);
  const ends = { server: scene.witness(server), client: scene.witness(client) };
  await trial.pair(ends);
  const below = ends.client.tls.secure ? 1 : 0;
  await trial.settle(() => isDone({ ...ends, below }, 0));
  return { scene, ...ends, below };
}

/** Are that many handshakes of ours done? */
export function isDone({ server, client, below }: Omit<Ends, "scene">, count: number): boolean {
  return server.handshakes === below + count && client.handshakes === below + count;
}

/** Both begin; wait until it is done. */
export async function secure(trial: Trial, ends: Ends, times = 1): Promise<void> {
  const { scene, server, client } = ends;
  server.tls.startTLS(scene.serverOptions());
  client.tls.startTLS(scene.clientOptions());
  await trial.settle(() => isDone(ends, times));
}

/** Wait for the ends of both. */
export async function ended(trial: Trial, { server, client }: Ends): Promise<void> {
  await trial.settle(() => server.reason !== undefined && client.reason !== undefined);
}
