/**
 * Recordings that can be read and not be played.
 *
 * @module
 */
import { LocalProtocolError } from "../core/errors.ts";
import type { Recording } from "./wire/recorded-event.ts";

/** Something is missing that the other side would need. */
export class UnplayableRecordingError extends LocalProtocolError {
  readonly code = "ERR_RECORDING_UNPLAYABLE";
}

/** @throws {UnplayableRecordingError} A ring has let go of the beginning. */
export function checkBeginning({ header, events }: Recording): void {
  const dropped = events.find((event) => event.type === "dropped");
  if (dropped === undefined) return;
  throw new UnplayableRecordingError(
    `Cannot replay the connection of ${header.peer}: expected all of it, ` +
      `but its first ${String(dropped.events)} events were not kept`,
  );
}
