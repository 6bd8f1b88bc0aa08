/**
 * The flight recorder: what connections say, both ways, with times, in files that people can read
 * and tests can replay (`replayRecording` in `sennit/testing`, `sennit replay`).
 *
 * @example
 * ```ts
 * import { ClientFactory, Factory, Protocol } from "sennit/internet";
 * import { MemoryRecordings, Recorder, recordReactor } from "sennit/recorder";
 * import { MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor();
 * const store = new MemoryRecordings(); // or recordTo(file, { reactor }), for files
 * recordReactor(reactor, new Recorder({ reactor, store }));
 * reactor.listenTCP(7, Factory.forProtocol(Protocol));
 * reactor.connectTCP("127.0.0.1", 7, ClientFactory.forProtocol(Protocol));
 * reactor.flush();
 * console.log(store.recordings.length); // 2: both ends of the connection
 * ```
 *
 * @module recorder
 */

// Recording
export { recordTo, type RecordToOptions } from "./record-to.ts";
export { recordEndpoint } from "./record-endpoint.ts";
export { recordClientFactory, recordFactory } from "./record-factory.ts";
export { recordReactor } from "./record-reactor.ts";
export { type ConnectionFacts, Recorder, type RecorderOptions } from "./recorder.ts";
export type { RecordingOptions } from "./recorder.ts";
export type { ConnectionRecording, Redact } from "./connection-recording.ts";
export { type RecordedPlace, RecordingProtocol } from "./recording-protocol.ts";

// Where recordings go
export type { IRecordingSink, IRecordingStore } from "./recording-store.ts";
export { MemoryRecordings } from "./memory-recordings.ts";
export {
  RecordingFiles,
  type RecordingFilesOptions,
  RecordingRoomError,
} from "./recording-files.ts";

// Reading them
export { readRecordingFile } from "./read-recording-file.ts";
export { readRecording } from "./wire/recording-reader.ts";
export { RecordingFormatError } from "./wire/recording-error.ts";
export {
  bytesOf,
  isWhole,
  type RecordedBytes,
  type RecordedClosed,
  type RecordedDropped,
  type RecordedEvent,
  type RecordedHandshake,
  type RecordedStartTLS,
  type RecordedStopped,
  type RecordedTLSSession,
  type RecordedTurn,
  type Recording,
  type RecordingHeader,
} from "./wire/recorded-event.ts";

// Playing them to a live server, and comparing
export { replayAgainst, type ReplayAgainstOptions } from "./replay-against.ts";
export { UnplayableRecordingError } from "./unplayable-recording-error.ts";
export type { CompareOptions, StreamDifference } from "./wire/stream-difference.ts";
export {
  compareWithRecording,
  formatDifference,
  type RecordingDifference,
} from "./wire/recording-difference.ts";
