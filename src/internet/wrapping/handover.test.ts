/**
 * The moment when a connection changes hands, and what each side may do in it.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import type { Failure } from "../../defer/failure.ts";
import { captureLogs } from "../../logger/capture.ts";
import { LineReceiver } from "../../protocols/line-receiver.ts";
import { StringTransport } from "../../testing/string-transport.ts";
import type { ITLSTransport, TLSSession } from "../interfaces-tls.ts";
import {
  type IProtocol,
  type IStreamTransport,
  providesDrain,
  providesHalfClose,
  topTransport,
} from "../interfaces-transport.ts";
import { Protocol } from "../protocol.ts";
import { Handover } from "./handover.ts";
import { TransportWrapper } from "./transport-wrapper.ts";

/** Its beginning is one byte: `!` hands over, and anything else aborts. */
class Bang extends Handover {
  readonly early: string[] = [];
  readonly #inner: IProtocol;

  constructor(transport: StringTransport, inner: IProtocol) {
    super(transport.reactor);
    this.#inner = inner;
  }

  protected override begun(): void {
    this.early.push("begun");
  }

  protected override beginningReceived(data: Buffer, transport: IStreamTransport): void {
    if (data[0] !== 33) {
      transport.abortConnection();
      return;
    }
    const wrapper = new TransportWrapper(transport, this.#inner, this);
    this.handOver(this.#inner, wrapper, data.subarray(1));
  }

  protected override endedEarly(reason: Failure): void {
    this.early.push(`lost ${reason.type}`);
  }

  protected override handshakeCompletedEarly(): void {
    this.early.push("handshake");
  }
}

/** Writes down what it is told. */
class Diary extends Protocol {
  readonly pages: string[] = [];
  made: (self: Diary) => void = () => undefined;
  data: (self: Diary) => void = () => undefined;

  override connectionMade(): void {
    this.pages.push("made");
    this.made(this);
  }

  override dataReceived(data: Buffer): void {
    this.pages.push(data.toString());
    this.data(this);
  }

  override connectionLost(reason: Failure): void {
    this.pages.push(`lost ${reason.type}`);
  }
}

class HalfClosingDiary extends Diary {
  readConnectionLost(): void {
    this.pages.push("read-lost");
  }

  writeConnectionLost(): void {
    this.pages.push("write-lost");
  }
}

interface Setting {
  readonly transport: StringTransport;
  readonly bang: Bang;
}

function connected(inner: IProtocol, transport = new StringTransport()): Setting {
  const bang = new Bang(transport, inner);
  transport.connect(bang);
  return { transport, bang };
}

/** All that was logged as an error while `body` ran. */
function errorsIn(body: () => void): string[] {
  using logs = captureLogs();
  body();
  return logs.events
    .filter(({ log_level: level }) => level === "error" || level === "critical")
    .map((event) => `${String(event["prefix"])}: ${event.log_failure?.value.message ?? ""}`);
}

describe("Handover", () => {
  it("keeps the connection to itself until it is handed over", () => {
    const diary = new Diary();
    const { transport, bang } = connected(diary);
    assert.deepEqual(bang.early, ["begun"]);
    assert.deepEqual(diary.pages, []);
    assert.isUndefined(bang.wrappedProtocol);
    assert.strictEqual(topTransport(transport), transport);
    transport.deliver("!");
    assert.deepEqual(diary.pages, ["made"]);
    assert.strictEqual(bang.wrappedProtocol, diary);
    assert.strictEqual(topTransport(transport), diary.transport);
    transport.deliver("a");
    transport.deliver("b");
    transport.deliverEnd();
    assert.deepEqual(diary.pages, ["made", "a", "b", "lost ConnectionDone"]);
    assert.deepEqual(bang.early, ["begun"]);
  });

  it("tells of the end itself when it comes before", () => {
    const diary = new Diary();
    const { transport, bang } = connected(diary);
    transport.deliver("?");
    assert.deepEqual(bang.early, ["begun", "lost ConnectionAborted"]);
    assert.deepEqual(diary.pages, []);
  });

  it("delivers the bytes behind the beginning after connectionMade, before all others", () => {
    const diary = new Diary();
    const { transport } = connected(diary);
    transport.deliver("!one");
    transport.deliver("two");
    assert.deepEqual(diary.pages, ["made", "one", "two"]);
  });

  it("holds them while the protocol is paused, and the transport with them", () => {
    const diary = new Diary();
    diary.made = ({ transport }) => transport.pauseProducing();
    const { transport } = connected(diary);
    transport.deliver("!one");
    assert.deepEqual(diary.pages, ["made"]);
    assert.isFalse(transport.reading);
    diary.transport.resumeProducing();
    assert.deepEqual(diary.pages, ["made"], "never before resumeProducing returns");
    assert.isFalse(transport.reading, "nothing may come in between");
    transport.reactor.flush();
    assert.deepEqual(diary.pages, ["made", "one"]);
    assert.isTrue(transport.reading);
    transport.deliver("two");
    diary.transport.pauseProducing();
    assert.isFalse(transport.reading);
    diary.transport.resumeProducing();
    assert.isTrue(transport.reading, "later it is the transport's own business");
    assert.deepEqual(diary.pages, ["made", "one", "two"]);
  });

  it("a pause and its end in connectionMade change nothing", () => {
    const diary = new Diary();
    diary.made = ({ transport }) => {
      transport.pauseProducing();
      transport.resumeProducing();
      assert.deepEqual(diary.pages, ["made"]);
    };
    const { transport } = connected(diary);
    transport.deliver("!one");
    assert.deepEqual(diary.pages, ["made", "one"]);
    assert.isTrue(transport.reading);
  });

  it("a pause in the delivery holds what comes after it", () => {
    const diary = new Diary();
    diary.made = ({ transport }) => {
      transport.pauseProducing();
      transport.resumeProducing();
    };
    diary.data = ({ transport }) => transport.pauseProducing();
    const { transport } = connected(diary);
    transport.deliver("!one");
    assert.isFalse(transport.reading);
    diary.transport.resumeProducing();
    assert.isTrue(transport.reading);
  });

  it("a pause in a late delivery is the transport's, too", () => {
    const diary = new Diary();
    diary.made = ({ transport }) => transport.pauseProducing();
    diary.data = ({ transport }) => transport.pauseProducing();
    const { transport } = connected(diary);
    transport.deliver("!one");
    diary.transport.resumeProducing();
    transport.reactor.flush();
    assert.deepEqual(diary.pages, ["made", "one"]);
    assert.isFalse(transport.reading);
  });

  it("nothing is delivered to a connection that only waits for its last bytes to go", () => {
    const diary = new Diary();
    diary.made = (self) => {
      self.transport.write("goodbye");
      self.transport.pauseProducing();
    };
    const { transport } = connected(diary);
    transport.stalled = true;
    transport.deliver("!one");
    diary.transport.resumeProducing();
    transport.loseConnection();
    transport.reactor.advance(1);
    assert.isTrue(transport.connected);
    transport.stalled = false;
    transport.reactor.flush();
    assert.deepEqual(diary.pages, ["made", "lost ConnectionDone"]);
  });

  it("pausing again before the delivery holds the bytes on", () => {
    const diary = new Diary();
    diary.made = ({ transport }) => transport.pauseProducing();
    const { transport } = connected(diary);
    transport.deliver("!one");
    diary.transport.resumeProducing();
    diary.transport.pauseProducing();
    transport.reactor.flush();
    assert.deepEqual(diary.pages, ["made"]);
    assert.isFalse(transport.reading);
    diary.transport.resumeProducing();
    diary.transport.resumeProducing();
    transport.reactor.flush();
    assert.deepEqual(diary.pages, ["made", "one"]);
  });

  const endings: readonly [string, (transport: IStreamTransport) => void, string][] = [
    ["loseConnection", (transport) => transport.loseConnection(), "lost ConnectionDone"],
    ["stopProducing", (transport) => transport.stopProducing(), "lost ConnectionDone"],
    ["abortConnection", (transport) => transport.abortConnection(), "lost ConnectionAborted"],
  ];
  for (const [name, end, lost] of endings) {
    it(`${name} in connectionMade drops them`, () => {
      const diary = new Diary();
      diary.made = (self) => end(self.transport);
      const { transport } = connected(diary);
      transport.deliver("!one");
      assert.deepEqual(diary.pages, ["made", lost]);
    });

    it(`${name} between a pause and the delivery drops them`, () => {
      const diary = new Diary();
      diary.made = (self) => self.transport.pauseProducing();
      const { transport } = connected(diary);
      transport.deliver("!one");
      diary.transport.resumeProducing();
      end(diary.transport);
      transport.reactor.flush();
      assert.deepEqual(diary.pages, ["made", lost]);
      assert.isEmpty(transport.reactor.getDelayedCalls());
    });

    it(`${name} below, by the owner of the port, drops them`, () => {
      const diary = new Diary();
      diary.made = (self) => self.transport.pauseProducing();
      const { transport } = connected(diary);
      transport.deliver("!one");
      diary.transport.resumeProducing();
      end(transport);
      transport.reactor.advance(1);
      assert.deepEqual(diary.pages, ["made", lost]);
    });
  }

  it("an exception in connectionMade ends the connection, and the protocol hears of it", () => {
    const diary = new Diary();
    diary.made = () => {
      throw new Error("no voice");
    };
    const { transport } = connected(diary);
    const errors = errorsIn(() => transport.deliver("!one"));
    assert.deepEqual(errors, ["Diary,198.51.100.1:12345: no voice"]);
    assert.deepEqual(diary.pages, ["made", "lost Error"]);
    assert.equal(transport.end, "aborted");
  });

  it("an exception in dataReceived ends the connection, now and when the bytes were held", () => {
    for (const isHeld of [false, true]) {
      const diary = new Diary();
      diary.data = () => {
        throw new RangeError("too much");
      };
      diary.made = ({ transport }) => {
        if (isHeld) transport.pauseProducing();
      };
      const { transport } = connected(diary);
      const errors = errorsIn(() => {
        transport.deliver("!one");
        if (isHeld) diary.transport.resumeProducing();
        transport.reactor.flush();
      });
      assert.lengthOf(errors, 1);
      assert.include(errors[0], "too much");
      assert.deepEqual(diary.pages, ["made", "one", "lost RangeError"]);
      assert.equal(transport.end, "aborted");
    }
  });
});

describe("Handover: capabilities", () => {
  it("half-closing is there if it is there", () => {
    const plain = connected(new Diary());
    plain.transport.deliver("!");
    assert.isFalse(providesHalfClose(plain.bang));

    const diary = new HalfClosingDiary();
    const { transport, bang } = connected(diary);
    assert.isFalse(providesHalfClose(bang), "nobody goes on with half a beginning");
    transport.deliver("!");
    assert.isTrue(providesHalfClose(bang));
    transport.deliverEnd();
    diary.transport.write("bye");
    diary.transport.loseWriteConnection();
    transport.reactor.flush();
    assert.equal(transport.value().toString(), "bye");
    assert.deepEqual(diary.pages, ["made", "read-lost", "write-lost", "lost ConnectionDone"]);
  });

  it("a peer that ends before it is handed over is gone", () => {
    const { transport, bang } = connected(new HalfClosingDiary());
    transport.deliverEnd();
    assert.deepEqual(bang.early, ["begun", "lost ConnectionDone"]);
  });

  it("drain reaches the protocol, or closes for one that has none", () => {
    class Draining extends Diary {
      drain(): void {
        this.pages.push("drain");
      }
    }
    const draining = new Draining();
    const one = connected(draining);
    one.transport.deliver("!");
    assert(providesDrain(one.bang));
    one.bang.drain();
    assert.deepEqual(draining.pages, ["made", "drain"]);
    assert.equal(one.transport.end, "open");

    const plain = connected(new Diary());
    plain.transport.deliver("!");
    plain.bang.drain();
    assert.equal(plain.transport.end, "closed");

    const early = connected(new Diary());
    early.bang.drain();
    assert.equal(early.transport.end, "closed");
  });

  it("the name for logs is the protocol's", () => {
    const { transport, bang } = connected(new Diary());
    assert.equal(bang.logPrefix(), "Bang");
    transport.deliver("!");
    assert.equal(bang.logPrefix(), "Diary");
    class Silent extends Diary {}
    const silent = new Silent();
    Object.defineProperty(silent, "logPrefix", { value: undefined });
    const other = connected(silent);
    other.transport.deliver("!");
    assert.equal(other.bang.logPrefix(), "Silent");
  });
});

describe("Handover: TLS", () => {
  const SESSION: TLSSession = {
    version: "TLSv1.3",
    cipher: "TLS_AES_128_GCM_SHA256",
    negotiatedProtocol: undefined,
    serverName: "",
    resumed: false,
    peerCertificate: undefined,
    hostCertificate: undefined,
  };

  /** Takes what a protocol has not processed when TLS begins, as the real ones do. */
  class SecureTransport extends StringTransport implements ITLSTransport {
    taken: string | undefined;
    secure = false;
    tlsSession: TLSSession | undefined;
    readonly negotiatedProtocol = undefined;

    startTLS(): void {
      this.secure = true;
      const { protocol } = this;
      assert(protocol instanceof Handover);
      this.taken = protocol.clearLineBuffer().toString();
    }

    getPeerCertificate(): undefined {}

    /** The handshake is done. */
    agree(): void {
      this.secure = true;
      this.tlsSession = SESSION;
      this.handshakeDone();
    }
  }

  class Listening extends Diary {
    handshakeCompleted(): void {
      this.pages.push("handshake");
    }
  }

  it("a handshake that came before is told after connectionMade, before the first byte", () => {
    const diary = new Listening();
    const transport = new SecureTransport();
    const { bang } = connected(diary, transport);
    transport.agree();
    assert.deepEqual(bang.early, ["begun", "handshake"]);
    transport.deliver("!one");
    assert.deepEqual(diary.pages, ["made", "handshake", "one"]);
  });

  it("one that comes later is told when it comes, to those who listen", () => {
    const diary = new Listening();
    const transport = new SecureTransport();
    const { bang } = connected(diary, transport);
    transport.deliver("!");
    transport.agree();
    assert.deepEqual(diary.pages, ["made", "handshake"]);
    assert.deepEqual(bang.early, ["begun"]);
    const deaf = connected(new Diary(), new SecureTransport());
    deaf.transport.deliver("!");
    deaf.bang.handshakeCompleted();
  });

  it("startTLS in connectionMade takes the bytes that were not delivered", () => {
    const diary = new Diary();
    const transport = new SecureTransport();
    diary.made = () => transport.startTLS();
    connected(diary, transport);
    transport.deliver("!\x16\x03\x01");
    assert.equal(transport.taken, "\x16\x03\x01");
    assert.deepEqual(diary.pages, ["made"]);
  });

  it("startTLS takes first what the protocol has not processed", () => {
    class Lines extends LineReceiver {
      override lineReceived(): void {
        transport.startTLS();
      }
    }
    const transport = new SecureTransport();
    connected(new Lines(), transport);
    transport.deliver("!STARTTLS\r\n\x16\x03");
    assert.equal(transport.taken, "\x16\x03");
  });

  it("bytes that the protocol gave itself come before those it has not been given", () => {
    class Lines extends LineReceiver {
      override connectionMade(): void {
        this.setLineMode(Buffer.from("\x16"));
        transport.startTLS();
      }
    }
    const transport = new SecureTransport();
    connected(new Lines(), transport);
    transport.deliver("!\x03\x01");
    assert.equal(transport.taken, "\x16\x03\x01");
  });

  it("startTLS while the protocol is paused takes the bytes, and they do not come twice", () => {
    const diary = new Diary();
    diary.made = (self) => self.transport.pauseProducing();
    const transport = new SecureTransport();
    connected(diary, transport);
    transport.deliver("!\x16");
    diary.transport.resumeProducing();
    transport.startTLS();
    transport.reactor.flush();
    assert.equal(transport.taken, "\x16");
    assert.deepEqual(diary.pages, ["made"]);
    assert.isTrue(transport.reading);
  });
});
