/**
 * Recordings in files: their names, their bounds, and what a broken disk does.
 *
 * @module
 */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, describe, it, type TestContext } from "vitest";
import { captureLogs } from "../logger/capture.ts";
import { Protocol } from "../internet/protocol.ts";
import { StringTransport } from "../testing/string-transport.ts";
import { readRecordingFile } from "./read-recording-file.ts";
import { recordTo } from "./record-to.ts";
import { RecordingFiles, RecordingRoomError } from "./recording-files.ts";
import { RecordingProtocol } from "./recording-protocol.ts";

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "sennit-recordings-"));
  context.onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const namesIn = (path: string): readonly string[] => readdirSync(path).toSorted();

describe("RecordingFiles", () => {
  it("writes each recording to a file of its own, for its owner alone", async (context) => {
    const path = folder(context);
    const files = new RecordingFiles(join(path, "new", "flight.jsonl"));
    const [one, other] = [files.open(), files.open()];
    one.append("1a\n");
    other.append("2a\n");
    one.append("1b\n");
    one.close();
    await files.close();
    other.append("2b\n");
    other.close();
    files.open().close();
    await files.close();
    assert.deepEqual(namesIn(join(path, "new")), ["flight-2.jsonl", "flight.jsonl"]);
    assert.equal(readFileSync(join(path, "new", "flight.jsonl"), "utf8"), "1a\n1b\n");
    assert.equal(readFileSync(join(path, "new", "flight-2.jsonl"), "utf8"), "2a\n2b\n");
    assert.equal(statSync(join(path, "new", "flight.jsonl")).mode & 0o777, 0o600);
  });

  it("overwrites nothing: numbers go on behind the highest", async (context) => {
    const path = folder(context);
    const others = ["a-7.jsonl", "a-x.jsonl", "a-08.jsonl", "ab-9.jsonl", "b.jsonl", "a-8.txt"];
    for (const name of others) writeFileSync(join(path, name), "old");
    const files = new RecordingFiles(join(path, "a.jsonl"));
    // Another process is faster.
    writeFileSync(join(path, "a-8.jsonl"), "theirs");
    files.open().append("mine");
    await files.close();
    assert.equal(readFileSync(join(path, "a-9.jsonl"), "utf8"), "mine");
    assert.equal(readFileSync(join(path, "a-8.jsonl"), "utf8"), "theirs");
    assert.lengthOf(namesIn(path), others.length + 2);
  });

  it("deletes the oldest, of earlier runs too, if bytes are too many", async (context) => {
    const path = folder(context);
    writeFileSync(join(path, "a.jsonl"), "x".repeat(60));
    writeFileSync(join(path, "a-2.jsonl"), "x".repeat(20));
    const files = new RecordingFiles(join(path, "a.jsonl"), { maxTotalBytes: 100 });
    for (let count = 0; count < 3; count += 1) {
      const sink = files.open();
      sink.append("y".repeat(30));
      sink.close();
      await files.close();
    }
    assert.deepEqual(namesIn(path), ["a-3.jsonl", "a-4.jsonl", "a-5.jsonl"]);
  });

  it("deletes the oldest where there are too many files", async (context) => {
    const path = folder(context);
    const files = new RecordingFiles(join(path, "a.jsonl"), { maxFiles: 2 });
    for (let count = 0; count < 5; count += 1) {
      const sink = files.open();
      sink.append("y");
      sink.close();
    }
    await files.close();
    assert.deepEqual(namesIn(path), ["a-4.jsonl", "a-5.jsonl"]);
  });

  it("never deletes what is still written: then there is no room", async (context) => {
    const path = folder(context);
    const files = new RecordingFiles(join(path, "a.jsonl"), { maxTotalBytes: 100 });
    const [one, other] = [files.open(), files.open()];
    one.append("x".repeat(90));
    other.append("y".repeat(20));
    await files.close();
    assert.throws(() => other.append("more"), RecordingRoomError, "2 files with 110 bytes");
    one.append("more");
    one.close();
    await files.close();
    assert.deepEqual(namesIn(path), ["a-2.jsonl"], "over, and the oldest");
  });

  it("a file that somebody deletes is not made again without its beginning", async (context) => {
    const path = folder(context);
    const files = new RecordingFiles(join(path, "a.jsonl"));
    const sink = files.open();
    sink.append("1\n");
    await files.close();
    rmSync(join(path, "a.jsonl"));
    sink.append("2\n");
    let code: unknown;
    try {
      await files.close();
    } catch (error) {
      code = error instanceof Error && "code" in error ? error.code : undefined;
    }
    assert.equal(code, "ENOENT");
    assert.isEmpty(namesIn(path));
  });

  it("refuses what would wait in too many bytes", async (context) => {
    const path = folder(context);
    const files = new RecordingFiles(join(path, "a.jsonl"), { maxWaitingBytes: 100 });
    const sink = files.open();
    sink.append("x".repeat(90));
    assert.throws(() => sink.append("x".repeat(20)), RecordingRoomError, "90 bytes wait");
    await files.close();
    sink.append("x".repeat(90));
    await files.close();
    assert.equal(statSync(join(path, "a.jsonl")).size, 180);
  });

  it("what cannot be written is counted, told, and over", async (context) => {
    const path = folder(context);
    const files = new RecordingFiles(join(path, "a.jsonl"));
    rmSync(path, { recursive: true });
    const sink = files.open();
    sink.append("1\n");
    sink.append("2\n");
    let reason: unknown;
    try {
      await files.close();
    } catch (error) {
      reason = error;
    }
    assert.equal(reason instanceof Error && "code" in reason && reason.code, "ENOENT");
    assert.equal(files.lostLines, 2);
    assert.throws(() => sink.append("3\n"), "ENOENT");
  });
});

it("RecordingFiles refuses bounds that make no sense, before it makes a folder", (context) => {
  const path = folder(context);
  for (const name of ["maxTotalBytes", "maxFiles", "maxWaitingBytes"]) {
    const make = () => new RecordingFiles(join(path, "new", "a.jsonl"), { [name]: -1 });
    assert.throws(make, RangeError, `Cannot set ${name} to -1`);
  }
  assert.isEmpty(namesIn(path));
});

describe("RecordingFiles.closeNow()", () => {
  it("writes what waits, what is on its way, and what has no file yet, once", async (context) => {
    const path = folder(context);
    const files = new RecordingFiles(join(path, "a.jsonl"));
    const [one, other] = [files.open(), files.open()];
    one.append("1a\n");
    await files.close();
    one.append("1b\n");
    await Promise.resolve(); // It has begun to write.
    await Promise.resolve();
    one.append("1c\n");
    other.append("2a\n");
    files.closeNow();
    const written = (): readonly string[] =>
      namesIn(path).map((name) => readFileSync(join(path, name), "utf8"));
    assert.deepEqual(written(), ["2a\n", "1a\n1b\n1c\n"]);
    await files.close();
    assert.deepEqual(written(), ["2a\n", "1a\n1b\n1c\n"]);
    assert.equal(files.lostLines, 0);
  });

  it("goes on with the file that is just being made", async (context) => {
    const path = folder(context);
    const files = new RecordingFiles(join(path, "a.jsonl"));
    const sink = files.open();
    sink.append("1\n");
    await Promise.resolve();
    await Promise.resolve();
    sink.append("2\n");
    files.closeNow();
    assert.deepEqual(namesIn(path), ["a.jsonl"]);
    assert.equal(readFileSync(join(path, "a.jsonl"), "utf8"), "1\n2\n");
  });

  it("goes on with the file that a thread has just made", async (context) => {
    const path = folder(context);
    const files = new RecordingFiles(join(path, "a.jsonl"));
    const sink = files.open();
    sink.append("1\n");
    await Promise.resolve();
    await Promise.resolve();
    while (!existsSync(join(path, "a.jsonl"))); // It needs no turn of ours for that.
    sink.append("2\n");
    files.closeNow();
    await files.close();
    assert.deepEqual(namesIn(path), ["a.jsonl"]);
    assert.equal(readFileSync(join(path, "a.jsonl"), "utf8"), "1\n2\n");
  });

  it("throws nothing where the disk fails", (context) => {
    const path = folder(context);
    const files = new RecordingFiles(join(path, "a.jsonl"));
    rmSync(path, { recursive: true });
    files.open().append("1\n");
    files.closeNow();
    assert.equal(files.lostLines, 1);
  });
});

describe("recordTo()", () => {
  it("writes what readRecordingFile() reads", async (context) => {
    const file = join(folder(context), "flight.jsonl");
    const transport = new StringTransport();
    await using recorder = recordTo(file, { reactor: transport.reactor, maxFiles: 3 });
    transport.connect(
      new RecordingProtocol(new Protocol(), recorder, { role: "server", place: "" }),
    );
    transport.deliver("hello");
    transport.deliverEnd();
    await recorder.close();
    const { header, events, cutOff } = await readRecordingFile(file);
    assert.equal(header.role, "server");
    assert.deepEqual(
      events.map(({ type }) => type),
      ["in", "closed"],
    );
    assert.isFalse(cutOff);
  });

  it("a disk that fails costs no connection, and is told once", async (context) => {
    const path = folder(context);
    using logs = captureLogs();
    const transport = new StringTransport();
    const recorder = recordTo(join(path, "a.jsonl"), { reactor: transport.reactor });
    rmSync(path, { recursive: true });
    const protocol = new Protocol();
    transport.connect(new RecordingProtocol(protocol, recorder, { role: "server", place: "" }));
    transport.deliver("hello");
    await recorder.close();
    protocol.transport.write("goodbye");
    assert.equal(transport.value().toString(), "goodbye");
    assert.include(recorder.failure?.getErrorMessage(), "ENOENT");
    assert.equal(recorder.lostEvents, 3, "a header, bytes, and a farewell");
    assert.lengthOf(logs.events, 1);
  });
});
