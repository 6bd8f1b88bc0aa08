/**
 * Recordings, once more: the same where the protocol is the same, and told where it is not.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, describe, it } from "vitest";
import { deferLater } from "../../internet/task/defer-later.ts";
import { NoProtocol } from "../../internet/errors.ts";
import { Factory } from "../../internet/factory.ts";
import type { IReactorTime, IReactorWallClock } from "../../internet/interfaces-reactor.ts";
import { providesTLS } from "../../internet/interfaces-tls.ts";
import { type IProtocol, providesTCP } from "../../internet/interfaces-transport.ts";
import { Protocol } from "../../internet/protocol.ts";
import { captureLogs } from "../../logger/capture.ts";
import { LineReceiver } from "../../protocols/line-receiver.ts";
import { readRecording } from "../../recorder/wire/recording-reader.ts";
import { Recorder } from "../../recorder/recorder.ts";
import { recordFactory } from "../../recorder/record-factory.ts";
import { MemoryRecordings } from "../../recorder/memory-recordings.ts";
import type { Recording } from "../../recorder/wire/recorded-event.ts";
import { RecordingFormatError } from "../../recorder/wire/recording-error.ts";
import { UnplayableRecordingError } from "../../recorder/unplayable-recording-error.ts";
import { StringTransport } from "../string-transport.ts";
import { replayRecording } from "./replay-recording.ts";

const HEADER =
  '{"sennit-recording":1,"role":"server","time":1000000000.5,"place":"tcp:7","protocol":"X",' +
  '"host":"IPv6 [2001:db8::1]:7","peer":"IPv4 198.51.100.9:50000","tls":"none"}';

/** A recording with these events, in short. */
function recording(...events: readonly object[]): Recording {
  return readRecording([HEADER, ...events.map((event) => JSON.stringify(event)), ""].join("\n"));
}

const incoming = (t: number, text: string): object => ({ t, type: "in", text });
const outgoing = (t: number, text: string): object => ({ t, type: "out", text });
const close = (t: number): object => ({ t, type: "close" });

function closed(t: number, reason = "ConnectionDone", failed = false): object {
  return { t, type: "closed", reason, message: "", failed };
}

function building(build: () => IProtocol): Factory<IProtocol> {
  return Factory.building(build);
}

/** Greets each line by its name, after a second; and may have a bug. */
class Greeter extends LineReceiver {
  readonly #clock: IReactorTime;

  constructor(clock: IReactorTime) {
    super();
    this.#clock = clock;
  }

  override lineReceived(line: Buffer): void {
    const name = line.toString();
    if (name === "") this.transport.loseConnection();
    else this.#clock.callLater(1, () => this.sendLine(`Hello, ${name}!`));
  }
}

/** Takes a chunk for a line. */
class ChunkGreeter extends Protocol {
  override dataReceived(data: Buffer): void {
    if (data.toString() === "\r\n") this.transport.loseConnection();
    else this.transport.write(`Hello, ${data.toString().trim()}!\r\n`);
  }
}

const CONVERSATION = recording(
  incoming(0.5, "Ada\r\n"),
  outgoing(1.5004, "Hello, Ada!\r\n"),
  incoming(2, "Grace\r\n"),
  outgoing(3.0001, "Hello, Grace!"),
  outgoing(3.0001, "\r\n"),
  incoming(4, "\r\n"),
  close(4),
  closed(4.001),
);

describe("replayRecording()", () => {
  it("finds nothing where nothing has changed, whatever the chunks it wrote", async () => {
    const result = await replayRecording(CONVERSATION, (reactor) =>
      building(() => new Greeter(reactor)),
    );
    assert.deepInclude(result, {
      same: true,
      report: "",
      difference: undefined,
      end: { recorded: "closed", replayed: "closed" },
      cut: "recorded",
      runs: 1,
    });
    assert.deepEqual(
      result.replayed.events.filter(({ type }) => type === "out").map(({ time }) => time),
      [1.5, 3],
    );
  });

  it("finds what has changed: the byte, the line, both sides", async () => {
    class Polite extends Greeter {
      override sendLine(line: string): void {
        super.sendLine(line.replace("Hello, G", "Hello, Ms. G"));
      }
    }
    const result = await replayRecording(CONVERSATION, (reactor) =>
      building(() => new Polite(reactor)),
    );
    assert.isFalse(result.same);
    assert.deepInclude(result.difference, { kind: "changed", offset: 20, line: 5, time: 3.0001 });
    assert.match(
      result.report,
      /^Different at byte 20, line 5 of the recording, after 3\.0001 s:/u,
    );
    assert.match(result.report, /^ {2}expected {2}"Grace!\\r\\n"/mu);
    assert.match(result.report, /^ {2}got {7}"Ms\. Grace!\\r\\n"/mu);
  });

  it("in time: what comes too late for the recording is missing", async () => {
    const slow = recording(incoming(0, "Ada\r\n"), outgoing(0.5, "Hello, Ada!\r\n"), closed(0.9));
    const result = await replayRecording(slow, (reactor) => building(() => new Greeter(reactor)));
    assert.equal(result.difference?.kind, "missing");
    assert.equal(result.difference?.offset, 0);
  });

  it("finds a protocol that believes in chunks, when the bytes are cut", async () => {
    const chunks = recording(incoming(0.5, "Ada\r\n"), outgoing(0.5, "Hello, Ada!\r\n"), closed(1));
    const factory = Factory.forProtocol(ChunkGreeter);
    assert.isTrue((await replayRecording(chunks, factory)).same);
    const bytes = await replayRecording(chunks, factory, { cuts: "bytes" });
    assert.deepInclude(bytes, { same: false, cut: "bytes", runs: 2 });
    assert.equal(bytes.difference?.actual.subarray(0, 9).toString(), "!\r\nHello,");
  });

  it("cuts at each place in turn", async () => {
    /** Fails only where a chunk ends after "Gr". */
    class Fragile extends Greeter {
      override dataReceived(data: Buffer): void {
        if (data.toString().endsWith("Gr")) this.transport.abortConnection();
        super.dataReceived(data);
      }
    }
    const result = await replayRecording(
      CONVERSATION,
      (reactor) => building(() => new Fragile(reactor)),
      { cuts: "all" },
    );
    // The fifth place inside of a chunk: four in "Ada\r\n", two in "Grace\r\n".
    assert.deepInclude(result, { same: false, cut: 7, runs: 2 + 6 });
    assert.deepEqual(result.end, { recorded: "closed", replayed: "aborted" });
    const right = await replayRecording(
      CONVERSATION,
      (reactor) => building(() => new Greeter(reactor)),
      { cuts: "all" },
    );
    assert.deepInclude(right, { same: true, runs: 2 + 4 + 6 + 1, cut: 13 });
  });

  it("cuts nowhere but into bytes where too much came in", async () => {
    const long = recording(incoming(0, "x".repeat(1100)), closed(1));
    const result = await replayRecording(long, Factory.forProtocol(Protocol), { cuts: "all" });
    assert.deepInclude(result, { same: true, runs: 2, cut: "bytes" });
  });

  it("does not compare what is ignored", async () => {
    class Dated extends Protocol {
      override connectionMade(): void {
        this.transport.write("Date: today\nX\n");
      }
    }
    const dated = recording(outgoing(0, "Date: 2001-09-09\nX\n"), closed(1));
    const factory = Factory.forProtocol(Dated);
    assert.isFalse((await replayRecording(dated, factory)).same);
    assert.isTrue((await replayRecording(dated, factory, { ignore: [/^Date: .*$/mu] })).same);
  });

  it("waits for promises, and for timers they wait for", async () => {
    class Patient extends Protocol {
      readonly #clock: IReactorTime;
      constructor(clock: IReactorTime) {
        super();
        this.#clock = clock;
      }
      override dataReceived(data: Buffer): void {
        void this.#answer(data.toString());
      }
      async #answer(text: string): Promise<void> {
        for (let count = 0; count < 100; count += 1) await Promise.resolve();
        for (let count = 0; count < 10; count += 1) {
          await deferLater(this.#clock, 0.1, () => undefined);
        }
        this.transport.write(text.toUpperCase());
      }
    }
    const slow = recording(incoming(0.25, "abc"), outgoing(1.2501, "ABC"), closed(1.3));
    const result = await replayRecording(slow, (reactor) => building(() => new Patient(reactor)), {
      cuts: "recorded",
    });
    assert.equal(result.report, "");
    assert.approximately(
      result.replayed.events.find(({ type }) => type === "out")?.time ?? 0,
      1.25,
      1e-6,
    );
  });

  it("has the addresses, the time of day and the transport of then", async () => {
    const seen: string[] = [];
    class Curious extends Protocol {
      readonly #clock: IReactorWallClock;
      constructor(clock: IReactorWallClock) {
        super();
        this.#clock = clock;
      }
      override dataReceived(): void {
        const { transport } = this;
        seen.push(transport.getPeer().toString(), transport.getHost().toString());
        seen.push(String(providesTCP(transport)), String(providesTLS(transport)));
        seen.push(String(this.#clock.wallClock()));
      }
    }
    const asked: string[] = [];
    await replayRecording(recording(incoming(2, "?"), closed(2)), (reactor) =>
      Factory.building((address) => {
        asked.push(address.toString());
        return new Curious(reactor);
      }),
    );
    assert.deepEqual(seen, [
      "198.51.100.9:50000",
      "[2001:db8::1]:7",
      "true",
      "false",
      "1000000002.5",
    ]);
    assert.deepEqual(asked, ["198.51.100.9:50000"]);
  });

  it("holds what comes while the protocol has paused", async () => {
    class Pausing extends Protocol {
      readonly #clock: IReactorTime;
      constructor(clock: IReactorTime) {
        super();
        this.#clock = clock;
      }
      override dataReceived(data: Buffer): void {
        this.transport.write(data);
        this.transport.pauseProducing();
        this.#clock.callLater(1, () => this.transport.resumeProducing());
      }
    }
    const result = await replayRecording(
      recording(incoming(0, "a"), incoming(0.1, "b"), outgoing(2, "ab"), closed(3)),
      (reactor) => building(() => new Pausing(reactor)),
    );
    assert.equal(result.report, "");
  });
});

describe("the end of a replay", () => {
  /** Does what each line says. */
  class Obedient extends LineReceiver {
    reason = "";
    override lineReceived(line: Buffer): void {
      const word = line.toString();
      if (word === "close") this.transport.loseConnection();
      if (word === "abort") this.transport.abortConnection();
      if (word === "half") this.transport.loseWriteConnection();
      if (word === "throw") throw new RangeError("as told");
    }
    override connectionLost(reason: { readonly type: string }): void {
      this.reason = reason.type;
    }
  }

  it("is that of the recording, and told where it is not", async () => {
    using logs = captureLogs();
    const words = {
      close: [close(0), closed(0)],
      abort: [{ t: 0, type: "abort" }, closed(0, "ConnectionAborted")],
      throw: [closed(0, "RangeError", true)],
      nothing: [closed(0)],
      half: [{ t: 0, type: "out-end" }, closed(0)],
    };
    const ends = {
      close: "closed",
      abort: "aborted",
      throw: "failed",
      nothing: "open",
      half: "half-closed",
    };
    for (const [said, events] of Object.entries(words)) {
      for (const word of Object.keys(words)) {
        const script = recording(incoming(0, `${word}\r\n`), ...events);
        const { same, end, report } = await replayRecording(script, Factory.forProtocol(Obedient));
        assert.equal(same, word === said, `${word} for ${said}`);
        assert.equal(end.replayed, Reflect.get(ends, word));
        if (same) continue;
        assert.equal(report, `Different at the end: expected ${end.recorded}, got ${end.replayed}`);
      }
    }
    assert.lengthOf(
      logs.events.filter(({ log_level: level }) => level === "critical"),
      Object.keys(words).length,
      "what was thrown is logged as ever",
    );
  });

  it("does not count where that is asked for", async () => {
    const { same, end } = await replayRecording(
      recording(incoming(0, "close\r\n"), closed(1)),
      Factory.forProtocol(Obedient),
      { compareEnd: false },
    );
    assert.isTrue(same);
    assert.deepEqual(end, { recorded: "open", replayed: "closed" });
  });

  it("is the peer's as it was: an end, half an end, a reset", async () => {
    const reasons: string[] = [];
    class Half extends Obedient {
      readConnectionLost(): void {
        reasons.push("read lost");
        this.transport.write("last");
        this.transport.loseConnection();
      }
      writeConnectionLost(): void {}
    }
    const protocols: Obedient[] = [];
    const factory = (kind: new () => Obedient): Factory<IProtocol> =>
      building(() => {
        const protocol = new kind();
        protocols.push(protocol);
        return protocol;
      });
    await replayRecording(recording(closed(1)), factory(Obedient));
    await replayRecording(recording(closed(1, "ConnectionLost")), factory(Obedient));
    const half = recording({ t: 1, type: "in-end" }, outgoing(1, "last"), close(1), closed(1));
    assert.equal((await replayRecording(half, factory(Half))).report, "");
    assert.deepEqual(reasons, ["read lost"]);
    assert.deepEqual(
      protocols.map(({ reason }) => reason),
      ["ConnectionDone", "ConnectionLost", "ConnectionDone"],
    );
  });
});

describe("what cannot be replayed, or not as a whole", () => {
  const echo = Factory.forProtocol(Greeter.bind(undefined, new StringTransport().reactor));

  it("a ring without its beginning is refused", async () => {
    const ring = recording({ t: 0, type: "dropped", events: 3, bytesIn: 1, bytesOut: 2 });
    assert.instanceOf(await reasonOf(() => replayRecording(ring, echo)), UnplayableRecordingError);
  });

  it("a factory that makes no protocol is told", async () => {
    const nobody = Factory.building(() => undefined);
    assert.instanceOf(await reasonOf(() => replayRecording(recording(), nobody)), NoProtocol);
  });

  it("a recording that stops early counts as far as it goes", async () => {
    class Chatty extends Protocol {
      override connectionMade(): void {
        this.transport.write("one two three");
        this.transport.loseConnection();
      }
    }
    const factory = Factory.forProtocol(Chatty);
    const stopped = recording(outgoing(0, "one"), { t: 0, type: "stopped", why: "enough" });
    assert.isTrue((await replayRecording(stopped, factory)).same);
    const other = recording(outgoing(0, "two"), { t: 0, type: "stopped", why: "enough" });
    assert.isFalse((await replayRecording(other, factory)).same);
    const whole = recording(outgoing(0, "one"), close(0), closed(0));
    assert.equal((await replayRecording(whole, factory)).difference?.kind, "extra");
  });

  it("a protocol that never rests is told, and when that was", async () => {
    class Restless extends Protocol {
      readonly #clock: IReactorTime;
      constructor(clock: IReactorTime) {
        super();
        this.#clock = clock;
      }
      override dataReceived(): void {
        this.#clock.callLater(0, () => this.dataReceived());
      }
    }
    const reason = await reasonOf(() =>
      replayRecording(recording(incoming(0.5, "go"), closed(1)), (reactor) =>
        building(() => new Restless(reactor)),
      ),
    );
    assert.match(String(reason), /at 0\.5 s the protocol never comes to rest/u);
  });

  it("a file is read, a broken one refused", async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "sennit-replay-"));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "flight.jsonl");
    writeFileSync(file, `${HEADER}\n`);
    assert.isTrue((await replayRecording(file, Factory.forProtocol(Protocol))).same);
    writeFileSync(file, "hello\n");
    assert.instanceOf(await reasonOf(() => replayRecording(file, echo)), RecordingFormatError);
  });
});

async function reasonOf(body: () => Promise<unknown>): Promise<unknown> {
  try {
    return await body();
  } catch (error) {
    return error;
  }
}

it("a replay of what was recorded just now is the same", async () => {
  const transport = new StringTransport();
  const { reactor } = transport;
  const store = new MemoryRecordings();
  const recorder = new Recorder({ reactor, store });
  const protocol = recordFactory(
    building(() => new Greeter(reactor)),
    recorder,
  ).buildProtocol(transport.getPeer());
  assert.exists(protocol);
  transport.connect(protocol);
  for (const text of ["A", "da\r\nGra", "ce\r\n"]) {
    reactor.advance(0.7);
    transport.deliver(text);
  }
  reactor.advance(5);
  transport.deliverReset();
  const [recorded] = store.recordings;
  assert.exists(recorded);
  const factory = (reactor: IReactorTime) => building(() => new Greeter(reactor));
  assert.equal((await replayRecording(recorded, factory, { cuts: "all" })).report, "");
  const { replayed } = await replayRecording(recorded, factory);
  assert.deepEqual(
    replayed.events.map(({ type }) => type),
    recorded.events.map(({ type }) => type),
  );
});
