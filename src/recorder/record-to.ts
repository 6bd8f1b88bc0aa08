/**
 * The short way to a recorder: the name of a file.
 *
 * @module
 */
import type { IReactorTime } from "../internet/interfaces-reactor.ts";
import { Recorder, type RecordingOptions } from "./recorder.ts";
import { RecordingFiles, type RecordingFilesOptions } from "./recording-files.ts";

/** Options of {@link recordTo}. */
export interface RecordToOptions extends RecordingOptions, RecordingFilesOptions {
  /** Measures the time; tells the time of day, if it knows it. */
  readonly reactor: IReactorTime;
}

/**
 * A recorder that writes each connection to a file of its own: the first to `file`, the next ones
 * to `file` with a number before its ending. A file that is there is never overwritten: the numbers
 * go on behind the highest. The files are for their owner alone (mode 600): what was said on the
 * connection stands in them, inside of TLS as well.
 *
 * @throws {Error} The folder cannot be made or read: the system's own.
 * @throws {RangeError} A bound that makes no sense.
 *
 * @example
 * ```ts
 * import { mkdtemp, readdir, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { connectProtocol, Factory, IPv4Address, Protocol } from "sennit/internet";
 * import { TCP4ClientEndpoint, TCP4ServerEndpoint } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 * import { recordEndpoint, recordTo } from "sennit/recorder";
 *
 * const folder = await mkdtemp(join(tmpdir(), "recordings-"));
 * const recorder = recordTo(join(folder, "flight.jsonl"), { reactor });
 * const endpoint = new TCP4ServerEndpoint(reactor, 0, { interface: "127.0.0.1" });
 * const port = await recordEndpoint(endpoint, recorder).listen(Factory.forProtocol(Protocol));
 *
 * const address = port.getHost();
 * if (address instanceof IPv4Address) {
 *   const server = new TCP4ClientEndpoint(reactor, address.host, address.port);
 *   const client = await connectProtocol(server, new Protocol());
 *   client.transport.loseConnection();
 * }
 * await port.stopListening();
 * await port.whenEmpty();
 * await recorder.close();
 * console.log(await readdir(folder)); // [ "flight.jsonl" ]
 * await rm(folder, { recursive: true });
 * ```
 */
export function recordTo(file: string, options: RecordToOptions): Recorder {
  const { maxTotalBytes, maxFiles, maxWaitingBytes, ...rest } = options;
  const store = new RecordingFiles(file, {
    ...(maxTotalBytes !== undefined && { maxTotalBytes }),
    ...(maxFiles !== undefined && { maxFiles }),
    ...(maxWaitingBytes !== undefined && { maxWaitingBytes }),
  });
  return new Recorder({ ...rest, store });
}
