/**
 * LineReceiver and LineOnlyReceiver against the reference implementation's recorded behaviour:
 * test/vectors/README.md has the format.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { assert, describe, it } from "vitest";
import { succeed } from "../defer/combinators.ts";
import type { Deferred } from "../defer/deferred.ts";
import { type IAddress, NoAddress } from "../internet/addresses.ts";
import type { IStreamTransport } from "../internet/interfaces-transport.ts";
import { LineOnlyReceiver } from "./line-only-receiver.ts";
import { LineReceiver } from "./line-receiver.ts";

/** Keeps what is written, and knows whether it was told to close. */
class SilentTransport implements IStreamTransport {
  readonly protocol = undefined;
  readonly connected = true;
  readonly disconnected = false;
  readonly bufferedBytes = 0;
  readonly droppedBytes = 0;
  disconnecting = false;
  sent = "";

  write(data: Uint8Array | string): void {
    this.sent += binary(Buffer.from(data));
  }
  writeSequence(data: Iterable<Uint8Array | string>): void {
    for (const piece of data) this.write(piece);
  }
  loseConnection(): void {
    this.disconnecting = true;
  }
  abortConnection(): void {
    this.disconnecting = true;
  }
  loseWriteConnection(): void {}
  pauseProducing(): void {}
  resumeProducing(): void {}
  stopProducing(): void {}
  registerProducer(): void {}
  unregisterProducer(): void {}
  drained(): Deferred<void> {
    return succeed(undefined);
  }
  getPeer(): IAddress {
    return new NoAddress("test");
  }
  getHost(): IAddress {
    return new NoAddress("test");
  }
}

type Event = readonly [string, unknown?];

/** One row of receivers.jsonl. */
interface Row {
  readonly id: number;
  readonly receiver: string;
  readonly options: { readonly max: number; readonly delimiter: string };
  readonly script: Readonly<Record<string, string>>;
  readonly chunks: readonly string[];
  readonly events: readonly Event[];
  readonly sent: string;
}

/** In the vectors, each character is one byte. */
function binary(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** Does what the script of a row says at each line, and writes down what it sees. */
class Scripted extends LineReceiver {
  readonly events: Event[] = [];
  readonly #row: Row;
  #lines = 0;
  #rawBytes = 0;

  constructor(row: Row) {
    super();
    this.#row = row;
    this.MAX_LENGTH = row.options.max;
    this.delimiter = Buffer.from(row.options.delimiter, "latin1");
  }

  override lineReceived(line: Buffer): void {
    this.events.push(["line", binary(line)]);
    this.#lines += 1;
    const [action, count] = (this.#row.script[String(this.#lines)] ?? "").split(":");
    if (action === "lose") this.transport.loseConnection();
    if (action === "pause" && !this.transport.disconnecting) this.pauseProducing();
    if (action === "raw") {
      this.#rawBytes = Number(count);
      this.setRawMode();
    }
  }

  override rawDataReceived(data: Buffer): void {
    const taken = data.subarray(0, this.#rawBytes);
    this.#rawBytes -= taken.length;
    this.events.push(["raw", binary(taken)]);
    if (this.#rawBytes === 0) this.setLineMode(data.subarray(taken.length));
  }

  override lineLengthExceeded(line: Buffer): void {
    this.events.push(["lineLengthExceeded", line.length]);
    super.lineLengthExceeded(line);
  }

  override pauseProducing(): void {
    this.events.push(["pauseProducing"]);
    super.pauseProducing();
  }

  override resumeProducing(): void {
    this.events.push(["resumeProducing"]);
    super.resumeProducing();
  }
}

class ScriptedOnly extends LineOnlyReceiver {
  readonly paused = false;
  readonly events: Event[] = [];
  readonly #row: Row;
  #lines = 0;

  constructor(row: Row) {
    super();
    this.#row = row;
    this.MAX_LENGTH = row.options.max;
    this.delimiter = row.options.delimiter;
  }

  override lineReceived(line: Buffer): void {
    this.events.push(["line", binary(line)]);
    this.#lines += 1;
    if (this.#row.script[String(this.#lines)] === "lose") this.transport.loseConnection();
  }

  override lineLengthExceeded(line: Buffer): void {
    this.events.push(["lineLengthExceeded", line.length]);
    super.lineLengthExceeded(line);
  }

  resumeProducing(): void {}
}

function replay(row: Row): { events: readonly Event[]; sent: string } {
  const transport = new SilentTransport();
  const receiver = row.receiver === "LineReceiver" ? new Scripted(row) : new ScriptedOnly(row);
  receiver.makeConnection(transport);
  for (const chunk of row.chunks) {
    receiver.events.push(["chunk"]);
    receiver.dataReceived(Buffer.from(chunk, "latin1"));
  }
  if (receiver.paused && !transport.disconnecting) receiver.resumeProducing();
  receiver.events.push(["end", { disconnecting: transport.disconnecting }]);
  return { events: receiver.events, sent: transport.sent };
}

describe("the reference implementation's recorded behaviour", () => {
  const file = new URL("../../test/vectors/receivers.jsonl", import.meta.url);
  const rows = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line): Row => JSON.parse(line));

  it.each([
    ["LineReceiver", 124],
    ["LineOnlyReceiver", 62],
  ])("%s does the same in %i rows", (receiver, count) => {
    const ours = rows.filter((row) => row.receiver === receiver);
    assert.equal(ours.length, count);
    for (const row of ours) {
      const { id, events, sent } = row;
      assert.deepEqual(replay(row), { events, sent }, `row ${String(id)}`);
    }
  });
});
