/**
 * The end of the process: nothing that was written is lost, and the parent learns how it ended.
 *
 * @module
 */
import { constants } from "node:os";
import type { Writable } from "node:stream";
import type { Ending } from "./command.ts";

/** What a shell adds to the number of the signal that ended a program. */
const SIGNALLED = 128;

/** End the process: by its signal, if there is one, else with its status. */
export async function endProcess({ status, signal }: Ending): Promise<void> {
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  if (signal === undefined) process.exit(status);
  // A parent that sees a status cannot tell a program that was interrupted from one that chose to
  // end: a shell's loop would go on. So it ends by the signal itself, now that the work is done.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The first process of a container is not ended by signals it does not handle.
  setImmediate(() => process.exit(SIGNALLED + constants.signals[signal]));
}

/** Wait until all that was written has been handed over; a broken stream has nothing more. */
function flush(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve();
    else stream.write("", () => resolve());
  });
}
