/**
 * The end of a port and of the connections it has accepted.
 *
 *     closed to newcomers ──▶ each is asked to finish ──▶ all gone
 *                                   └── time is up: abort ──┘
 *
 * @module
 */
import { Deferred } from "../defer/deferred.ts";
import type { IListeningPort } from "../internet/interfaces-factory.ts";
import { type ITransport, providesDrain } from "../internet/interfaces-transport.ts";
import { plural } from "../core/text.ts";
import { Logger } from "../logger/logger.ts";
import type { Deadline } from "./_deadline.ts";

const log = new Logger({ namespace: "sennit.service" });

/**
 * Close `port`, and see its connections off.
 *
 * @returns Fires when the port is closed and the last connection has ended. Cancelling it aborts
 * those that are left.
 */
export function drain(port: IListeningPort, { seconds, clock }: Deadline): Deferred<void> {
  const done = new Deferred<void>(() => abort(port));
  const closed = port.stopListening();
  const leaving = [...port.connections];
  if (leaving.length > 0) {
    log.info("{address}: {connections} left, given {seconds} seconds to finish", {
      address: port.getHost().toString(),
      connections: plural(leaving.length, "connection"),
      seconds,
    });
  }
  for (const transport of leaving) letFinish(transport);
  const timer = seconds === Infinity ? undefined : clock?.callLater(seconds, () => abort(port));
  void port
    .whenEmpty()
    .addCallback(() => closed)
    .addBoth((result) => {
      if (timer?.active === true) timer.cancel();
      if (!done.called) done.callback(result);
    });
  return done;
}

/** Let a connection finish what is in hand, or at least flush. */
function letFinish(transport: ITransport): void {
  const { protocol } = transport;
  if (!providesDrain(protocol)) {
    transport.loseConnection();
    return;
  }
  try {
    protocol.drain();
  } catch (error) {
    log.failure("{peer}: error in drain; the connection is closed", error, {
      peer: transport.getPeer().toString(),
    });
    transport.loseConnection();
  }
}

function abort(port: IListeningPort): void {
  const left = [...port.connections];
  if (left.length === 0) return;
  log.warn("{address}: {connections} did not finish in time: aborted", {
    address: port.getHost().toString(),
    connections: plural(left.length, "connection"),
  });
  for (const transport of left) transport.abortConnection();
}
