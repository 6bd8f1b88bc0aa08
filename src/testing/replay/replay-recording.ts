/**
 * A recorded connection once more, against the code of today and in virtual time.
 *
 *     recording ─▶ what came in, at its times ─▶ protocol ─▶ recorded again ─▶ compared
 *
 * @module
 */
import { readRecordingFile } from "../../recorder/read-recording-file.ts";
import { checkBeginning } from "../../recorder/unplayable-recording-error.ts";
import type { Recording } from "../../recorder/wire/recorded-event.ts";
import { type ReplayFactory, replayOnce } from "./replay-once.ts";
import { type Cut, cutScript, cutsOf, type ReplayStep, scriptOf } from "./replay-script.ts";
import { judge, type Verdict, type VerdictOptions } from "./replay-verdict.ts";

/** Ours: what takes a second or so. */
const CUTS_MAX = 1024;

/** Options of {@link replayRecording}. */
export interface ReplayOptions extends VerdictOptions {
  /**
   * How the bytes come in. `recorded`: as they did. `bytes`: one by one, too. `all`: also with one
   * more cut at each place in turn, if there are no more than 1,024. Default: `recorded`.
   */
  readonly cuts?: "recorded" | "bytes" | "all";
}

/** What {@link replayRecording} has found. */
export interface ReplayResult extends Verdict {
  /** How the bytes were cut: in the replay that was different, or in the last one. */
  readonly cut: Cut;
  /** How many replays there were. */
  readonly runs: number;
}

/**
 * Play a recording to a protocol and compare what it writes with what was written then: as a
 * stream, in whatever chunks.
 *
 * The protocol sees the addresses of the recorded connection, its TLS with the session that was
 * agreed on, and bytes and ends at their times. The reactor that the factory is made with has the
 * time of day of the recording. Chance is another one: what is random is different, see `ignore`.
 * Time stands still while promises run; files, sockets and processes are not waited for.
 *
 * A recording that ends before its connection is replayed as far as it goes, and what comes beyond
 * is not looked at. It stops at the first replay that is different.
 *
 * @param recording A recording, or the file it is in.
 * @throws {UnplayableRecordingError} A ring has let go of its beginning. (Who wants to replay the
 * rest all the same takes that line out of the file.)
 * @throws {NoProtocol} The factory refused the connection.
 * @throws {RecordingFormatError} The file is no recording.
 *
 * @example
 * ```ts
 * import { Factory, Protocol } from "sennit/internet";
 * import { MemoryRecordings, Recorder, recordFactory } from "sennit/recorder";
 * import { replayRecording, StringTransport } from "sennit/testing";
 *
 * class Echo extends Protocol {
 *   override dataReceived(data: Buffer): void {
 *     this.transport.write(data);
 *   }
 * }
 * const transport = new StringTransport();
 * const store = new MemoryRecordings();
 * const recorder = new Recorder({ reactor: transport.reactor, store });
 * const protocol = recordFactory(Factory.forProtocol(Echo), recorder)
 *   .buildProtocol(transport.getPeer());
 * if (protocol !== undefined) transport.connect(protocol);
 * transport.deliver("hello");
 * transport.deliverEnd();
 *
 * const [recording] = store.recordings;
 * if (recording !== undefined) {
 *   const { same } = await replayRecording(recording, Factory.forProtocol(Echo), { cuts: "all" });
 *   console.log(same); // true
 * }
 * ```
 */
export async function replayRecording(
  recording: Recording | string | URL,
  factory: ReplayFactory,
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  const isFile = typeof recording === "string" || recording instanceof URL;
  const read = isFile ? await readRecordingFile(recording) : recording;
  checkBeginning(read);
  const script = scriptOf(read);
  const [first, ...others] = cutsFor(script, options.cuts ?? "recorded");
  let result = await tried(read, factory, { script, cut: first, runs: 1, options });
  for (const cut of others) {
    if (!result.same) break;
    result = await tried(read, factory, { script, cut, runs: result.runs + 1, options });
  }
  return result;
}

interface Trial {
  readonly script: readonly ReplayStep[];
  readonly cut: Cut;
  readonly runs: number;
  readonly options: ReplayOptions;
}

async function tried(
  recording: Recording,
  factory: ReplayFactory,
  { script, cut, runs, options }: Trial,
): Promise<ReplayResult> {
  const replayed = await replayOnce(recording, cutScript(script, cut), factory);
  return { ...judge(recording, replayed, options), cut, runs };
}

function cutsFor(
  script: readonly ReplayStep[],
  cuts: "recorded" | "bytes" | "all",
): readonly [Cut, ...Cut[]] {
  if (cuts === "recorded") return ["recorded"];
  const places = cuts === "all" ? cutsOf(script) : [];
  return ["recorded", "bytes", ...(places.length > CUTS_MAX ? [] : places)];
}
