/**
 * What is recorded of a connection, and that the connection does not suffer.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { fail, succeed } from "../defer/combinators.ts";
import type { Deferred } from "../defer/deferred.ts";
import type { Failure } from "../defer/failure.ts";
import { Factory } from "../internet/factory.ts";
import type { ITLSTransport, RawCertificate, TLSSession } from "../internet/interfaces-tls.ts";
import { type IProtocol, providesHalfClose } from "../internet/interfaces-transport.ts";
import { Protocol } from "../internet/protocol.ts";
import { captureLogs } from "../logger/capture.ts";
import { LineReceiver } from "../protocols/line-receiver.ts";
import { StringTransport } from "../testing/string-transport.ts";
import { MemoryRecordings } from "./memory-recordings.ts";
import { recordFactory } from "./record-factory.ts";
import { Recorder, type RecordingOptions } from "./recorder.ts";
import type { IRecordingSink, IRecordingStore } from "./recording-store.ts";
import type { RecordedEvent } from "./wire/recorded-event.ts";

/** Answers what it hears, in capitals. */
class Loud extends Protocol {
  override connectionMade(): void {
    this.transport.write("hi\n");
  }

  override dataReceived(data: Buffer): void {
    const text = data.toString();
    if (text === "bye\n") this.transport.loseConnection();
    else if (text === "die\n") throw new RangeError("told to die");
    else this.transport.writeSequence([text.toUpperCase(), Buffer.from("!\n")]);
    data.fill(0); // They are the protocol's own.
  }
}

interface Scene {
  readonly transport: StringTransport;
  readonly store: MemoryRecordings;
  readonly recorder: Recorder;
}

function connected(
  protocol: IProtocol = new Loud(),
  options: RecordingOptions = {},
  transport = new StringTransport(),
): Scene {
  const { reactor } = transport;
  const store = new MemoryRecordings();
  const recorder = new Recorder({ reactor, store, ...options });
  join(protocol, recorder, transport);
  return { transport, store, recorder };
}

function join(protocol: IProtocol, recorder: Recorder, transport: StringTransport): void {
  const factory = Factory.building(() => protocol);
  const recorded = recordFactory(factory, recorder, { place: "tcp:7" });
  const built = recorded.buildProtocol(transport.getPeer());
  assert.exists(built);
  transport.connect(built);
}

/** `0 out hi`: the time, the type, and what there is to say. */
function lines(events: readonly RecordedEvent[] | undefined): readonly string[] {
  return (events ?? []).map((event) => {
    const { time, type } = event;
    const facts = "data" in event ? [JSON.stringify(event.data.toString())] : [];
    if (event.type === "closed") facts.push(event.reason, event.failed ? "failed" : "");
    if (event.type === "start-tls") facts.push(String(event.unread));
    if (event.type === "stopped") facts.push(event.why);
    if (event.type === "dropped") facts.push([event.events, event.bytesIn, event.bytesOut].join());
    return [time, type, ...facts].join(" ").trim();
  });
}

function recorded({ store }: Scene): readonly string[] {
  return lines(store.recordings[0]?.events);
}

/** What it logs above `info`. */
function warnings(body: () => void): readonly string[] {
  using logs = captureLogs();
  body();
  return logs.events
    .filter(({ log_level: level }) => level !== "info" && level !== "debug")
    .map(({ reason, log_format: format }) => (typeof reason === "string" ? reason : format));
}

describe("a recording", () => {
  it("has what is received and written, with times and in order", () => {
    const scene = connected();
    const { transport } = scene;
    transport.reactor.advance(1.5);
    transport.deliver("a");
    transport.reactor.advance(0.25);
    transport.deliver("bye\n");
    assert.deepEqual(recorded(scene), [
      '0 out "hi\\n"',
      '1.5 in "a"',
      '1.5 out "A"',
      '1.5 out "!\\n"',
      '1.75 in "bye\\n"',
      "1.75 close",
      "1.75 closed ConnectionDone",
    ]);
    assert.equal(transport.value().toString(), "hi\nA!\n");
  });

  it("says who, where and when", () => {
    const { store } = connected();
    assert.deepEqual(store.recordings[0]?.header, {
      role: "server",
      time: 1_000_000_000,
      date: "2001-09-09T01:46:40.000Z",
      place: "tcp:7",
      protocol: "Loud",
      host: "IPv4 192.0.2.1:54321",
      peer: "IPv4 198.51.100.1:12345",
      tls: "none",
    });
  });

  it("begins when the connection does, whatever the reactor's clock says", () => {
    const transport = new StringTransport();
    transport.reactor.advance(100);
    const scene = connected(new Loud(), {}, transport);
    transport.reactor.advance(1);
    transport.deliver("a");
    assert.include(recorded(scene), '1 in "a"');
    assert.equal(scene.store.recordings[0]?.header.time, 1_000_000_100);
  });

  it("tells the peer's end, a reset, an abort and an exception apart", () => {
    const ends: readonly (readonly [(transport: StringTransport) => void, string])[] = [
      [(transport) => transport.deliverEnd(), "0 closed ConnectionDone"],
      [(transport) => transport.deliverReset(), "0 closed ConnectionLost"],
      [(transport) => transport.deliver("die\n"), "0 closed RangeError failed"],
    ];
    for (const [end, last] of ends) {
      const scene = connected();
      warnings(() => end(scene.transport));
      assert.equal(recorded(scene).at(-1), last);
      assert.notInclude(recorded(scene), "0 close");
    }
    const protocol = new Loud();
    const scene = connected(protocol);
    protocol.transport.abortConnection();
    protocol.transport.abortConnection();
    scene.transport.reactor.flush();
    assert.deepEqual(recorded(scene).slice(1), ["0 abort", "0 closed ConnectionAborted"]);
  });

  it("has no bytes that the transport has dropped", () => {
    const protocol = new Loud();
    const scene = connected(protocol);
    protocol.transport.loseConnection();
    protocol.transport.write("too late");
    protocol.transport.loseConnection();
    scene.transport.reactor.flush();
    protocol.transport.write("much too late");
    assert.deepEqual(recorded(scene).slice(1), ["0 close", "0 closed ConnectionDone"]);
    assert.equal(scene.transport.droppedBytes, 21);
  });

  it("has the ends of the two halves, for a protocol that has halves", () => {
    class Halves extends Protocol {
      readonly told: string[] = [];
      readConnectionLost(): void {
        this.told.push("read");
        this.transport.write("last words");
        this.transport.loseWriteConnection();
      }
      writeConnectionLost(): void {
        this.told.push("write");
      }
    }
    const protocol = new Halves();
    const scene = connected(protocol);
    assert.isTrue(providesHalfClose(scene.transport.protocol));
    assert.isFalse(providesHalfClose(connected().transport.protocol));
    scene.transport.deliverEnd();
    assert.deepEqual(protocol.told, ["read", "write"]);
    assert.deepEqual(recorded(scene), [
      "0 in-end",
      '0 out "last words"',
      "0 out-end",
      "0 closed ConnectionDone",
    ]);
  });

  it("has a close that others ask for, the port of a service that stops", () => {
    const scene = connected();
    const { protocol } = scene.transport;
    assert(protocol !== undefined && "drain" in protocol && typeof protocol.drain === "function");
    Reflect.apply(protocol.drain, protocol, []);
    scene.transport.reactor.flush();
    assert.include(recorded(scene), "0 close");
  });

  it("a protocol whose name throws lives on", () => {
    class Nameless extends Loud {
      override logPrefix(): string {
        throw new Error("no name");
      }
    }
    const scene = connected(new Nameless());
    assert.equal(scene.transport.value().toString(), "hi\n");
    assert.equal(scene.store.recordings[0]?.header.protocol, "Nameless");
  });
});

const SESSION: TLSSession = {
  version: "TLSv1.3",
  cipher: "TLS_AES_256_GCM_SHA384",
  negotiatedProtocol: "h2",
  serverName: "example.com",
  resumed: false,
  peerCertificate: { raw: Buffer.from("peer") },
  hostCertificate: undefined,
};

/** As a real one: what the protocol has not processed is taken back. */
class TLSStringTransport extends StringTransport implements ITLSTransport {
  secure = false;
  tlsSession: TLSSession | undefined;
  taken: Buffer | undefined;

  get negotiatedProtocol(): string | undefined {
    return this.tlsSession?.negotiatedProtocol;
  }

  startTLS(): void {
    const { protocol } = this;
    if (protocol !== undefined && "clearLineBuffer" in protocol) {
      const clear = protocol.clearLineBuffer;
      if (typeof clear === "function") this.taken = Reflect.apply(clear, protocol, []);
    }
    this.secure = true;
  }

  getPeerCertificate(): RawCertificate | undefined {
    return this.tlsSession?.peerCertificate;
  }

  agree(): void {
    this.tlsSession = SESSION;
    this.handshakeDone();
  }
}

describe("a recording of TLS", () => {
  it("has its begin, how many bytes were TLS already, and what was agreed on", () => {
    class Starting extends LineReceiver {
      told = 0;
      override lineReceived(): void {
        const { transport } = this;
        if ("startTLS" in transport && typeof transport.startTLS === "function") {
          Reflect.apply(transport.startTLS, transport, [{ role: "server" }]);
        }
      }
      handshakeCompleted(): void {
        this.told += 1;
      }
    }
    const transport = new TLSStringTransport();
    const protocol = new Starting();
    const scene = connected(protocol, {}, transport);
    transport.deliver("STARTTLS\r\nhello, in TLS");
    assert.equal(transport.taken?.toString(), "hello, in TLS");
    transport.agree();
    assert.equal(protocol.told, 1);
    assert.deepEqual(recorded(scene), [
      '0 in "STARTTLS\\r\\nhello, in TLS"',
      "0 start-tls 13",
      "0 handshake",
    ]);
    const { header, events } = scene.store.recordings[0] ?? {};
    assert.equal(header?.tls, "possible");
    const { hostCertificate, ...kept } = SESSION;
    assert.isUndefined(hostCertificate);
    assert.deepInclude(events?.at(-1), {
      session: { ...kept, peerCertificate: Buffer.from("peer") },
    });
  });
});

describe("ringBytes", () => {
  it("keeps the newest, and counts what was before", () => {
    const scene = connected(new Loud(), { ringBytes: 400 });
    const { transport } = scene;
    for (let count = 0; count < 1000; count += 1) transport.deliver(String(count % 10));
    assert.deepEqual(recorded(scene), [], "written at the end");
    transport.deliver("bye\n");
    const events = recorded(scene);
    assert.match(events[0] ?? "", /^0 dropped 2\d\d\d,9\d\d,29\d\d$/u);
    assert.deepEqual(events.slice(-3), ['0 in "bye\\n"', "0 close", "0 closed ConnectionDone"]);
    const kept = scene.store.texts[0]?.split("\n").slice(2).join("\n") ?? "";
    assert.isAtMost(kept.length, 400);
    assert.isAtLeast(kept.length, 300);
    const dropped = Number(/dropped (?<count>\d+)/u.exec(events[0] ?? "")?.groups?.["count"]);
    assert.equal(dropped + events.length - 1, 3004);
    assert.equal(scene.recorder.lostEvents, 0);
  });

  it("of one event that is too large nothing is left but the count", () => {
    const scene = connected(new Protocol(), { ringBytes: 50 });
    scene.transport.deliver("x".repeat(1000));
    scene.transport.deliverEnd();
    assert.deepEqual(recorded(scene), ["0 dropped 2,1000,0"]);
  });

  it("is written when the recorder is closed before the connection is", () => {
    const scene = connected(new Protocol(), { ringBytes: 1000 });
    scene.transport.deliver("a");
    void scene.recorder.close();
    assert.deepEqual(recorded(scene), ['0 in "a"', "0 stopped the recorder was closed"]);
  });
});

describe("maxBytes", () => {
  it("ends the recording, which says so, and not the connection", () => {
    const scene = connected(new Loud(), { maxBytes: 500 });
    const { transport, recorder } = scene;
    for (let count = 0; count < 50; count += 1) transport.deliver("abc");
    assert.equal(recorded(scene).at(-1), "0 stopped the recording has its 500 bytes");
    assert.equal(transport.value().toString(), `hi\n${"ABC!\n".repeat(50)}`);
    const events = recorded(scene).length - 1;
    assert.equal(events + recorder.lostEvents, 151);
    assert.isAbove(recorder.lostBytes, 100);
    assert.isUndefined(recorder.failure);
  });

  it("is a whole number of bytes", () => {
    for (const maxBytes of [0, -1, 0.5, Number.NaN]) {
      assert.throws(() => connected(new Loud(), { maxBytes }), RangeError, "Cannot set maxBytes");
    }
  });
});

describe("redact", () => {
  it("changes, or leaves out, what is recorded and nothing else", () => {
    const scene = connected(new Loud(), {
      redact: (event, { peer }) => {
        assert.equal(peer, "IPv4 198.51.100.1:12345");
        if (event.type === "out") return undefined;
        if (event.type !== "in") return event;
        event.data.fill("-");
        return event;
      },
    });
    scene.transport.deliver("secret");
    assert.equal(scene.transport.value().toString(), "hi\nSECRET!\n");
    assert.deepEqual(recorded(scene), ['0 in "------"']);
    assert.equal(scene.recorder.lostEvents, 0);
  });

  it("that throws ends the recording, before what it should have taken out", () => {
    let scene: Scene | undefined;
    const logged = warnings(() => {
      scene = connected(new Loud(), {
        redact: (event) => {
          if (event.type === "in") throw new Error("cannot redact");
          return event;
        },
      });
      scene.transport.deliver("secret");
      scene.transport.deliver("secret");
    });
    assert.exists(scene);
    assert.deepEqual(logged, ["Error: cannot redact"]);
    assert.notInclude(scene.store.texts[0], "ecret");
    assert.equal(scene.transport.value().toString(), "hi\nSECRET!\nSECRET!\n");
    assert.deepEqual([scene.recorder.lostEvents, scene.recorder.lostBytes], [6, 28]);
  });
});

/** Fails where it is told to. */
class BrokenStore implements IRecordingStore {
  readonly #where: "open" | "append" | "close" | "end";
  readonly lostLines = 0;
  appended = 0;
  closed = 0;

  constructor(where: "open" | "append" | "close" | "end") {
    this.#where = where;
  }

  #fail(where: string): void {
    if (where === this.#where) throw new Error(`disk full in ${where}`);
  }

  open(): IRecordingSink {
    this.#fail("open");
    return {
      append: () => {
        this.appended += 1;
        if (this.appended > 2) this.#fail("append");
      },
      close: () => {
        this.closed += 1;
        this.#fail("close");
      },
    };
  }

  closeNow(): void {}

  close(): Deferred<void> {
    return this.#where === "end" ? fail(new Error("disk full in end")) : succeed(undefined);
  }
}

describe("a store that fails", () => {
  for (const where of ["open", "append", "close", "end"] as const) {
    it(`in ${where} costs no connection, and one line in the log`, () => {
      const store = new BrokenStore(where);
      const logged = warnings(() => {
        const { reactor } = new StringTransport();
        const recorder = new Recorder({ reactor, store });
        for (let count = 0; count < 3; count += 1) {
          const transport = new StringTransport({ reactor });
          join(new Loud(), recorder, transport);
          transport.deliver("a");
          transport.deliver("b");
          transport.deliver("bye\n");
          assert.equal(transport.value().toString(), "hi\nA!\nB!\n");
          assert.equal(transport.end, "closed");
        }
        if (where === "open") assert.deepEqual([recorder.lostEvents, recorder.lostBytes], [30, 45]);
        if (where === "append") assert.equal(recorder.lostEvents, 29);
        let over = false;
        void recorder.close().addCallback(() => {
          over = true;
        });
        assert.isTrue(over);
        assert.equal(recorder.failure?.getErrorMessage(), `disk full in ${where}`);
      });
      assert.deepEqual(logged, [`Error: disk full in ${where}`]);
      assert.equal(store.closed, where === "open" ? 0 : 3, "each sink is closed once");
    });
  }
});

describe("Recorder.close()", () => {
  it("ends what is open, and what comes later is neither recorded nor lost", () => {
    const scene = connected();
    const { transport, recorder, store } = scene;
    let over = 0;
    const count = (): void => {
      over += 1;
    };
    void recorder.close().addCallback(count);
    void recorder.close().addCallback(count);
    assert.equal(over, 2);
    transport.deliver("a");
    join(new Loud(), recorder, new StringTransport());
    assert.deepEqual(recorded(scene), ['0 out "hi\\n"', "0 stopped the recorder was closed"]);
    assert.lengthOf(store.texts, 1);
    assert.deepEqual([recorder.lostEvents, recorder.lostBytes], [0, 0]);
    assert.equal(transport.value().toString(), "hi\nA!\n");
  });
});

describe("Recorder.closeNow()", () => {
  it("has all of it when it returns, rings too", () => {
    const scene = connected(new Loud(), { ringBytes: 1000 });
    scene.transport.deliver("a");
    scene.recorder.closeNow();
    assert.equal(recorded(scene).at(-1), "0 stopped the process ends");
    assert.include(recorded(scene), '0 in "a"');
    scene.recorder.closeNow();
    assert.lengthOf(recorded(scene), 5);
    assert.strictEqual(scene.recorder.lostEvents, 0);
  });
});

/** Its reason is what it is told. */
class Witness extends Protocol {
  reason: Failure | undefined;
  override connectionLost(reason: Failure): void {
    this.reason = reason;
  }
}

it("a recorded protocol is told what it would be told, once", () => {
  const protocol = new Witness();
  const { transport } = connected(protocol);
  transport.deliverReset();
  assert.equal(protocol.reason?.type, "ConnectionLost");
  assert.strictEqual(protocol.transport.protocol, protocol);
});
