/**
 * LineReceiver and LineOnlyReceiver under a transport that records: the conformance traces 29 to
 * 31, what the doc comments promise, and what differs from Twisted.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { succeed } from "../defer/combinators.ts";
import type { Deferred } from "../defer/deferred.ts";
import { type IAddress, NoAddress } from "../internet/addresses.ts";
import type { IStreamTransport } from "../internet/interfaces-transport.ts";
import { LineOnlyReceiver } from "./line-only-receiver.ts";
import { LineReceiver } from "./line-receiver.ts";

/** Records what it is asked; sends nothing. */
class RecordingTransport implements IStreamTransport {
  readonly protocol = undefined;
  readonly connected = true;
  readonly bufferedBytes = 0;
  readonly droppedBytes = 0;
  disconnecting = false;
  disconnected = false;
  /** One element for each `write`. */
  readonly writes: string[] = [];
  /** The other calls, by name. */
  readonly calls: string[] = [];

  write(data: Uint8Array | string): void {
    this.writes.push(Buffer.from(data).toString());
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
  pauseProducing(): void {
    this.calls.push("pauseProducing");
  }
  resumeProducing(): void {
    this.calls.push("resumeProducing");
  }
  stopProducing(): void {
    this.calls.push("stopProducing");
    this.loseConnection();
  }
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

/** Does `onLine` at each line, `onRaw` at raw bytes, `onTooLong` instead of the default. */
interface Script {
  readonly max?: number;
  readonly delimiter?: Uint8Array | string;
  readonly onLine?: (line: string, receiver: LineReceiver) => void;
  readonly onRaw?: (data: Buffer, receiver: LineReceiver) => void;
  readonly onTooLong?: (line: Buffer, receiver: LineReceiver) => void;
}

class Recorder extends LineReceiver {
  readonly seen: string[] = [];
  readonly #script: Script;

  constructor(script: Script) {
    super();
    this.#script = script;
    this.MAX_LENGTH = script.max ?? this.MAX_LENGTH;
    this.delimiter = script.delimiter ?? this.delimiter;
  }

  override lineReceived(line: Buffer): void {
    this.seen.push(line.toString());
    this.#script.onLine?.(line.toString(), this);
  }

  override rawDataReceived(data: Buffer): void {
    this.seen.push(`raw ${JSON.stringify(data.toString())}`);
    this.#script.onRaw?.(data, this);
  }

  override lineLengthExceeded(line: Buffer): void {
    this.seen.push(`too long ${JSON.stringify(line.subarray(0, 20).toString())}`);
    if (this.#script.onTooLong === undefined) super.lineLengthExceeded(line);
    else this.#script.onTooLong(line, this);
  }
}

function connect(script: Script = {}): { receiver: Recorder; transport: RecordingTransport } {
  const receiver = new Recorder(script);
  const transport = new RecordingTransport();
  receiver.makeConnection(transport);
  return { receiver, transport };
}

/** What a receiver with `script` sees of `chunks`. */
function seenOf(script: Script, ...chunks: readonly string[]): readonly string[] {
  const { receiver } = connect(script);
  for (const chunk of chunks) receiver.dataReceived(Buffer.from(chunk));
  return receiver.seen;
}

describe("LineReceiver: traces", () => {
  it("29: setRawMode() in lineReceived holds for the rest of the chunk", () => {
    const onLine = (_line: string, receiver: LineReceiver): void => receiver.setRawMode();
    assert.deepEqual(seenOf({ onLine }, "A\r\nB\r\nrest"), ["A", 'raw "B\\r\\nrest"']);
  });

  it("30: lines behind a pause come with resumeProducing(), before any new read", () => {
    const { receiver, transport } = connect({
      onLine: (line, self) => {
        if (line === "1") self.pauseProducing();
      },
    });
    receiver.dataReceived(Buffer.from("1\r\n2\r\n3\r\n"));
    assert.deepEqual([receiver.seen, receiver.paused], [["1"], true]);
    receiver.resumeProducing();
    assert.deepEqual([receiver.seen, receiver.paused], [["1", "2", "3"], false]);
    assert.deepEqual(transport.calls, ["pauseProducing", "resumeProducing"]);
  });

  it("31: an unfinished line is too long at MAX_LENGTH and a delimiter", () => {
    const { receiver, transport } = connect();
    receiver.dataReceived(Buffer.alloc(16_385, "x"));
    assert.deepEqual(receiver.seen, []);
    receiver.dataReceived(Buffer.from("x"));
    assert.deepEqual(receiver.seen, [`too long "${"x".repeat(20)}"`]);
    assert.isTrue(transport.disconnecting);
    assert.equal(receiver.clearLineBuffer().length, 0);
  });
});

describe("LineReceiver", () => {
  it("goes on with what rawDataReceived hands back, without recursion", () => {
    let depth = 0;
    let deepest = 0;
    const script: Script = {
      delimiter: "\n",
      onLine: (_line, self) => {
        depth += 1;
        deepest = Math.max(deepest, depth);
        self.setRawMode();
        depth -= 1;
      },
      onRaw: (data, self) => {
        depth += 1;
        deepest = Math.max(deepest, depth);
        self.setLineMode(data.subarray(1));
        depth -= 1;
      },
    };
    const seen = seenOf(script, "line\n!".repeat(2000));
    assert.equal(seen.filter((event) => event === "line").length, 2000);
    assert.equal(deepest, 1);
  });

  it("setLineMode(extra) outside a callback is read at once", () => {
    const { receiver } = connect({ onLine: (_line, self) => self.setRawMode() });
    receiver.dataReceived(Buffer.from("one\r\nraw"));
    receiver.setLineMode(Buffer.from("two\r\nmore raw"));
    assert.deepEqual(receiver.seen, ["one", 'raw "raw"', "two", 'raw "more raw"']);
    receiver.setLineMode();
    receiver.dataReceived(Buffer.from("three\r\n"));
    assert.equal(receiver.seen.at(-1), "three");
  });

  it("nested dataReceived() is read after what came before it", () => {
    const { receiver } = connect({
      onLine: (line, self) => {
        if (line === "1") self.dataReceived(Buffer.from("3\r\n"));
      },
    });
    receiver.dataReceived(Buffer.from("1\r\n2\r\n"));
    assert.deepEqual(receiver.seen, ["1", "2", "3"]);
  });

  it("resumeProducing() inside a callback goes on in the same loop", () => {
    const onLine = (_line: string, self: LineReceiver): void => {
      self.pauseProducing();
      self.resumeProducing();
    };
    assert.deepEqual(seenOf({ onLine }, "1\r\n2\r\n3\r\n"), ["1", "2", "3"]);
  });

  it("a pause holds in raw mode, and for what comes in spite of it", () => {
    const { receiver } = connect({
      onLine: (_line, self) => {
        self.setRawMode();
        self.pauseProducing();
      },
    });
    receiver.dataReceived(Buffer.from("1\r\nra"));
    receiver.dataReceived(Buffer.from("w"));
    assert.deepEqual(receiver.seen, ["1"]);
    receiver.resumeProducing();
    assert.deepEqual(receiver.seen, ["1", 'raw "raw"']);
  });

  it("resumeProducing() delivers nothing on a connection that is closing or gone", () => {
    const { receiver, transport } = connect({ onLine: (_line, self) => self.pauseProducing() });
    receiver.dataReceived(Buffer.from("1\r\n2\r\n"));
    transport.disconnected = true;
    receiver.resumeProducing();
    transport.disconnected = false;
    transport.disconnecting = true;
    receiver.resumeProducing();
    assert.deepEqual(receiver.seen, ["1"]);
  });

  it("stopProducing() loses the connection and delivers nothing more", () => {
    const { receiver, transport } = connect({ onLine: (_line, self) => self.stopProducing() });
    receiver.dataReceived(Buffer.from("1\r\n2\r\n"));
    assert.deepEqual(receiver.seen, ["1"]);
    assert.deepEqual([receiver.paused, transport.calls], [true, ["stopProducing"]]);
  });

  it("delivers nothing after loseConnection(), in either mode", () => {
    const lose = (_data: unknown, self: LineReceiver): void => self.transport.loseConnection();
    assert.deepEqual(seenOf({ onLine: lose }, "1\r\n2\r\n"), ["1"]);
    const onRaw = (data: Buffer, self: LineReceiver): void => {
      self.setLineMode(data);
      self.transport.loseConnection();
    };
    const onLine = (_line: string, self: LineReceiver): void => self.setRawMode();
    assert.deepEqual(seenOf({ onLine, onRaw }, "1\r\n2\r\n"), ["1", 'raw "2\\r\\n"']);
  });

  it("a finished line that is too long comes with all that followed; nothing comes after", () => {
    const seen = seenOf({ max: 2 }, "ok\r\nlong\r\nok\r\n");
    assert.deepEqual(seen, ["ok", 'too long "long\\r\\nok\\r\\n"']);
  });

  it("lineLengthExceeded() may stay connected and hand back what is to be read", () => {
    const onTooLong = (line: Buffer, self: LineReceiver): void => {
      const end = line.indexOf("\r\n");
      if (end >= 0) self.setLineMode(line.subarray(end + 2));
    };
    const seen = seenOf({ max: 2, onTooLong }, "1\r\nlong\r\n2\r\n", "3\r\n");
    assert.deepEqual(seen, ["1", 'too long "long\\r\\n2\\r\\n"', "2", "3"]);
  });

  it("delimiter and MAX_LENGTH hold from the next byte on", () => {
    const onLine = (line: string, self: LineReceiver): void => {
      if (line === "1") self.delimiter = ";";
      if (line === "2") self.MAX_LENGTH = 1;
    };
    const seen = seenOf({ onLine }, "1\r\n2;3;44;");
    assert.deepEqual(seen, ["1", "2", "3", 'too long "44;"']);
  });

  it("a class may set them as fields", () => {
    class Semicolons extends LineReceiver {
      override delimiter = ";";
      override MAX_LENGTH = 3;
      readonly lines: string[] = [];
      override lineReceived(line: Buffer): void {
        this.lines.push(line.toString());
      }
    }
    const receiver = new Semicolons();
    const transport = new RecordingTransport();
    receiver.makeConnection(transport);
    receiver.dataReceived(Buffer.from("one;two;three;"));
    assert.deepEqual(receiver.lines, ["one", "two"]);
    assert.isTrue(transport.disconnecting);
  });

  it("clearLineBuffer() takes what was not delivered", () => {
    const { receiver } = connect({ onLine: (_line, self) => self.pauseProducing() });
    receiver.dataReceived(Buffer.from("1\r\n2\r\nre"));
    receiver.dataReceived(Buffer.from("st"));
    assert.equal(receiver.clearLineBuffer().toString(), "2\r\nrest");
    receiver.resumeProducing();
    assert.deepEqual(receiver.seen, ["1"]);
  });

  it("goes on with the next line after a callback threw", () => {
    const { receiver } = connect({
      onLine: (line) => {
        if (line === "1") throw new Error("mine");
      },
    });
    assert.throws(() => receiver.dataReceived(Buffer.from("1\r\n2\r\n")), "mine");
    receiver.dataReceived(Buffer.from("3\r\n"));
    assert.deepEqual(receiver.seen, ["1", "2", "3"]);
  });

  it("sendLine() writes once, unless a long line would have to be copied", () => {
    const { receiver, transport } = connect({ delimiter: Uint8Array.of(10) });
    receiver.sendLine("é");
    receiver.sendLine(Buffer.from("bytes"));
    receiver.sendLine(Buffer.alloc(5000, "x"));
    assert.deepEqual(transport.writes, ["é\n", "bytes\n", "x".repeat(5000), "\n"]);
  });

  it("says which method is missing", () => {
    const receiver = new LineReceiver();
    assert.throws(() => receiver.dataReceived(Buffer.from("1\r\n")), "override lineReceived");
    receiver.setRawMode();
    assert.throws(() => receiver.dataReceived(Buffer.from("1")), "override rawDataReceived");
  });
});

class OnlyRecorder extends LineOnlyReceiver {
  readonly seen: string[] = [];
  stays = false;

  override lineReceived(line: Buffer): void {
    this.seen.push(line.toString());
    if (line.toString() === "quit") this.transport.loseConnection();
  }

  override lineLengthExceeded(line: Buffer): void {
    this.seen.push(`too long ${line.toString()}`);
    if (!this.stays) super.lineLengthExceeded(line);
  }
}

function onlySeen(stays: boolean, ...chunks: readonly string[]): readonly string[] {
  const receiver = new OnlyRecorder();
  receiver.makeConnection(new RecordingTransport());
  receiver.MAX_LENGTH = 4;
  receiver.stays = stays;
  for (const chunk of chunks) receiver.dataReceived(Buffer.from(chunk));
  return receiver.seen;
}

describe("LineOnlyReceiver", () => {
  it("delivers lines, however they were cut", () => {
    assert.deepEqual(onlySeen(false, "one\r\ntw", "o\r", "\n\r\nrest"), ["one", "two", ""]);
  });

  it("delivers nothing after loseConnection()", () => {
    assert.deepEqual(onlySeen(false, "quit\r\nmore\r\n"), ["quit"]);
  });

  it("gives up at a line that is too long, finished or not", () => {
    assert.deepEqual(onlySeen(false, "1\r\nlonger\r\n2\r\n"), ["1", "too long longer"]);
    assert.deepEqual(onlySeen(false, "1\r\nlong", "er"), ["1", "too long longer"]);
  });

  it("skips what is too long when it stays connected, and keeps nothing of it", () => {
    assert.deepEqual(onlySeen(true, "longer\r\n2\r\n"), ["too long longer", "2"]);
    const seen = onlySeen(true, "longer", "and longer", "\r\n3\r\n");
    assert.deepEqual(seen, ["too long longer", "too long and longer", "", "3"]);
  });

  it("sends lines as LineReceiver does", () => {
    const receiver = new OnlyRecorder();
    const transport = new RecordingTransport();
    receiver.makeConnection(transport);
    receiver.sendLine("hello");
    assert.deepEqual(transport.writes, ["hello\r\n"]);
  });

  it("says which method is missing", () => {
    const receiver = new LineOnlyReceiver();
    assert.throws(() => receiver.dataReceived(Buffer.from("1\r\n")), "override lineReceived");
  });
});
