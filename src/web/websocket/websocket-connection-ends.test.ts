/**
 * How a WebSocket ends: goodbyes from either side, exceptions, what is lost, and what a protocol
 * may ask for in the middle of all that.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import {
  Diary,
  frame,
  goodbye,
  type Scene,
  socket,
  type SocketOptions,
} from "../../../test/fixtures/web/websocket-scene.ts";
import { captureLogs } from "../../logger/capture.ts";
import { ConnectionTimedOut } from "../../internet/errors.ts";
import { WebSocketClosed } from "./websocket-closed.ts";

/** The close code and reason that the protocol was told. */
function ending({ diary }: Scene): string {
  const error = diary.reason?.value;
  if (error instanceof WebSocketClosed)
    return `${String(error.closeCode)} ${error.reason}`.trimEnd();
  return error?.name ?? "open";
}

/** Nothing is left of it. */
function assertOver(scene: Scene): void {
  assert.isEmpty(scene.reactor.getDelayedCalls());
  const told = scene.diary.pages.filter((page) => page.startsWith("lost"));
  assert.lengthOf(told, 1);
  assert.equal(scene.diary.pages.at(-1), told[0]);
}

/** The errors that were logged while `body` ran. */
function errorsOf(body: () => void): readonly (Error | undefined)[] {
  using logs = captureLogs();
  body();
  const errors = logs.flush(({ log_level: level }) => level === "critical" || level === "error");
  return errors.map((event) => event.log_failure?.value);
}

describe("WebSocketConnection: the client says goodbye (RFC 6455 §5.5.1, §7)", () => {
  it("its code is echoed, the server closes, and the protocol hears code and reason", () => {
    const table: readonly [Buffer, string, string][] = [
      [goodbye(1000, "done"), "close 1000", "1000 done"],
      [goodbye(1001), "close 1001", "1001"],
      [goodbye(1011, "größer"), "close 1011", "1011 größer"],
      [goodbye(3000), "close 3000", "3000"],
      [goodbye(4999, "x".repeat(123)), "close 4999", `4999 ${"x".repeat(123)}`],
      [frame("close"), "close 1005", "1005"],
    ];
    for (const [sent, answer, told] of table) {
      const scene = socket();
      scene.send(sent);
      assert.deepEqual(scene.heard(), [answer, "closed"]);
      assert.equal(ending(scene), told);
      assertOver(scene);
    }
  });

  it("what was sent before goes out first", () => {
    const scene = socket({
      diary: new Diary((page, { transport }) => transport.sendTextMessage(page)),
    });
    scene.send(Buffer.concat([frame("text", "a"), goodbye(1000)]));
    assert.deepEqual(scene.heard(), ["text made", "text text a", "close 1000", "closed"]);
  });

  it("nothing behind it is looked at", () => {
    const scene = socket();
    scene.send(Buffer.concat([goodbye(1000), frame("text", "late"), Buffer.from("nonsense")]));
    scene.send(frame("text", "later"));
    assert.deepEqual(scene.diary.pages, ["made", "lost WebSocketClosed"]);
    assertOver(scene);
  });

  it("in the middle of a message: the message is lost", () => {
    const scene = socket();
    scene.send(Buffer.concat([frame("text", "half", { fin: false }), goodbye(1000)]));
    assert.deepEqual(scene.diary.pages, ["made", "lost WebSocketClosed"]);
  });

  it("an end without a goodbye is ConnectionLost, even where the bytes ended in good order", () => {
    for (const sent of [Buffer.alloc(0), frame("text", "half").subarray(0, 7)]) {
      const scene = socket();
      scene.send(sent);
      scene.client.transport.loseConnection();
      scene.pump.flush();
      assert.equal(ending(scene), "ConnectionLost");
      assert.include(scene.diary.reason?.value.message ?? "", "without a goodbye");
      assertOver(scene);
    }
  });

  it("a reset is ConnectionLost", () => {
    const scene = socket();
    scene.client.transport.abortConnection();
    scene.pump.flush();
    assert.equal(ending(scene), "ConnectionLost");
    assertOver(scene);
  });
});

describe("WebSocketConnection: the server says goodbye", () => {
  it("what was sent goes first; it is over when the client has answered, with our code", () => {
    const scene = socket();
    scene.diary.transport.sendTextMessage("last words");
    scene.diary.transport.loseConnection(4000, "enough");
    scene.diary.transport.sendTextMessage("dropped");
    scene.diary.transport.ping("dropped");
    scene.pump.flush();
    assert.deepEqual(scene.heard(), ["text last words", "close 4000 enough", "open"]);
    assert.deepEqual(scene.diary.pages, ["made"]);
    scene.send(goodbye(1000, "and you"));
    assert.deepEqual(scene.heard(), ["text last words", "close 4000 enough", "closed"]);
    assert.equal(ending(scene), "4000 enough");
    assertOver(scene);
  });

  it("messages that still come are dropped, and pings unanswered", () => {
    const scene = socket();
    scene.diary.transport.loseConnection();
    scene.send(Buffer.concat([frame("text", "late"), frame("ping", "p"), frame("pong", "q")]));
    scene.send(goodbye(1000));
    assert.deepEqual(scene.diary.pages, ["made", "lost WebSocketClosed"]);
    assert.deepEqual(scene.heard(), ["close 1000", "closed"]);
  });

  it("twice is once, and both at the same time is in good order", () => {
    const scene = socket();
    scene.diary.transport.loseConnection(1000);
    scene.diary.transport.loseConnection(1001);
    scene.client.transport.write(goodbye(4000));
    scene.pump.flush();
    assert.deepEqual(scene.heard(), ["close 1000", "closed"]);
    assert.equal(ending(scene), "1000");
    assertOver(scene);
  });

  it("codes that may not be sent and long reasons throw, and nothing has happened", () => {
    const { diary, heard } = socket();
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN]) {
      assert.throws(() => diary.transport.loseConnection(code), RangeError);
    }
    assert.throws(() => diary.transport.loseConnection(1000, "ü".repeat(62)), RangeError);
    assert.deepEqual(heard(), ["open"]);
  });

  it("a client that does not answer is dropped after closeTimeout", () => {
    const scene = socket({ closeTimeout: 3 });
    scene.diary.transport.loseConnection();
    scene.advance(2.9);
    scene.send(frame("text", "I go on talking"));
    assert.deepEqual(scene.heard(), ["close 1000", "open"]);
    scene.advance(0.2);
    assert.equal(scene.heard().at(-1), "reset");
    const error = scene.diary.reason?.value;
    assert(error instanceof ConnectionTimedOut);
    assert.deepEqual([error.phase, error.seconds], ["close", 3]);
    assertOver(scene);
  });

  it("a client that ends without its goodbye is ConnectionLost", () => {
    const scene = socket();
    scene.diary.transport.loseConnection();
    scene.client.transport.loseConnection();
    scene.pump.flush();
    assert.equal(ending(scene), "ConnectionLost");
    assertOver(scene);
  });

  it("an error of the client after it is the reason", () => {
    const scene = socket();
    scene.diary.transport.loseConnection();
    scene.send(Buffer.from("nonsense"));
    assert.deepEqual(scene.heard(), ["close 1000", "closed"]);
    assert.equal(ending(scene), "WebSocketProtocolError");
    assertOver(scene);
  });

  it("while paused: the client's goodbye is heard all the same", () => {
    const scene = socket();
    scene.diary.transport.pauseProducing();
    scene.send(Buffer.concat([frame("text", "unread"), goodbye(1001)]));
    assert.deepEqual(scene.diary.pages, ["made"]);
    scene.diary.transport.loseConnection();
    assert.deepEqual(scene.diary.pages, ["made"], "never from inside");
    scene.pump.flush();
    assert.deepEqual(scene.diary.pages, ["made", "lost WebSocketClosed"]);
    assertOver(scene);
  });

  it("abortConnection() resets, later, and nothing follows", () => {
    const scene = socket();
    scene.diary.transport.sendTextMessage("lost");
    scene.diary.transport.abortConnection();
    assert.deepEqual(scene.diary.pages, ["made"]);
    scene.pump.flush();
    assert.deepEqual(scene.heard(), ["reset"]);
    assert.equal(ending(scene), "ConnectionAborted");
    assertOver(scene);
  });

  it("abortConnection() while waiting for the client's goodbye", () => {
    const scene = socket();
    scene.diary.transport.loseConnection();
    scene.diary.transport.abortConnection();
    scene.pump.flush();
    assert.equal(ending(scene), "ConnectionAborted");
    assertOver(scene);
  });

  it("everything asked for after the end does nothing", () => {
    const scene = socket();
    const { transport } = scene.diary;
    scene.send(goodbye(1000));
    transport.sendTextMessage("x");
    transport.sendBytesMessage(Buffer.from("x"));
    transport.ping();
    transport.pauseProducing();
    transport.resumeProducing();
    transport.unregisterProducer();
    transport.loseConnection();
    transport.abortConnection();
    let stopped = 0;
    transport.registerProducer({
      pauseProducing: () => assert.fail(),
      resumeProducing: () => assert.fail(),
      stopProducing: () => {
        stopped += 1;
      },
    });
    scene.pump.flush();
    assert.equal(stopped, 1);
    assert.deepEqual(scene.heard(), ["close 1000", "closed"]);
    assertOver(scene);
  });
});

describe("WebSocketConnection: the server stops", () => {
  /** The site's factory is told so: what a service does with each connection. */
  function drain(scene: Scene): void {
    const channel = scene.pump.server.protocol;
    assert(channel !== undefined && "drain" in channel && typeof channel.drain === "function");
    Reflect.apply(channel.drain, channel, []);
    scene.pump.flush();
  }

  it("says goodbye with 1001", () => {
    const scene = socket();
    drain(scene);
    drain(scene);
    assert.deepEqual(scene.heard(), ["close 1001", "open"]);
    scene.send(goodbye(1001));
    assert.equal(ending(scene), "1001");
    assertOver(scene);
  });

  it("or lets the protocol finish, if it can", () => {
    class Finishing extends Diary {
      drain(): void {
        this.transport.sendTextMessage("one moment");
      }
    }
    const diary = new Finishing();
    const scene = socket({ diary });
    drain(scene);
    assert.deepEqual(scene.heard(), ["text one moment", "open"]);
    diary.transport.loseConnection(1012);
    drain(scene);
    assert.deepEqual(scene.heard(), ["text one moment", "close 1012", "open"]);
    scene.send(goodbye(1012));
    assertOver(scene);
  });

  it("an exception in drain drops this connection", () => {
    const error = new Error("cannot finish");
    class Broken extends Diary {
      drain(): void {
        throw error;
      }
    }
    const scene = socket({ diary: new Broken() });
    assert.deepEqual(
      errorsOf(() => drain(scene)),
      [error],
    );
    assert.deepEqual(scene.heard(), ["close 1011", "closed"]);
    assert.strictEqual(scene.diary.reason?.value, error);
  });
});

/** Each callback, and what makes it happen. */
const CALLBACKS: readonly [string, Buffer][] = [
  ["made", Buffer.alloc(0)],
  ["text x", frame("text", "x")],
  ["bytes x", frame("binary", "x")],
  ["pong x", frame("pong", "x")],
];
/** More messages, in the same chunk. */
const MORE = Buffer.concat([frame("text", "more"), frame("pong", "more"), frame("binary", "more")]);

/** The request with frames behind it, or the frames when it is open, or one by one. */
function variants(diary: () => Diary, sent: Buffer, options: SocketOptions = {}): Scene[] {
  const behind = socket({ diary: diary(), behind: Buffer.concat([sent, MORE]), ...options });
  const later = socket({ diary: diary(), ...options });
  later.send(Buffer.concat([sent, MORE]));
  const single = socket({ diary: diary(), ...options });
  for (const one of [sent, MORE]) single.send(one);
  return [behind, later, single];
}

for (const [page, sent] of CALLBACKS) {
  describe(`WebSocketConnection: in the callback "${page}"`, () => {
    /** What it does when it gets there. */
    const doing = (act: (diary: Diary) => void) => (): Diary =>
      new Diary((now, self) => {
        if (now === page) act(self);
      });
    const upTo = page === "made" ? ["made"] : ["made", page];

    it("an exception is logged, tells the client 1011, and ends this connection alone", () => {
      const error = new Error("broken");
      const thrower = doing(() => {
        throw error;
      });
      const errors = errorsOf(() => {
        for (const scene of variants(thrower, sent)) {
          assert.deepEqual(scene.diary.pages, [...upTo, "lost Error"]);
          assert.strictEqual(scene.diary.reason?.value, error);
          assert.deepEqual(scene.heard(), ["close 1011", "closed"]);
          assertOver(scene);
        }
      });
      assert.deepEqual(errors, [error, error, error]);
    });

    it("loseConnection(): no more messages", () => {
      for (const scene of variants(
        doing(({ transport }) => transport.loseConnection()),
        sent,
      )) {
        assert.deepEqual(scene.diary.pages, upTo);
        scene.send(goodbye(1000));
        assert.deepEqual(scene.heard(), ["close 1000", "closed"]);
        assert.deepEqual(scene.diary.pages, [...upTo, "lost WebSocketClosed"]);
        assertOver(scene);
      }
    });

    it("loseConnection(), then an exception: the exception counts", () => {
      const error = new Error("broken");
      const both = doing(({ transport }) => {
        transport.loseConnection(4000);
        throw error;
      });
      errorsOf(() => {
        for (const scene of variants(both, sent)) {
          assert.deepEqual(scene.diary.pages, [...upTo, "lost Error"]);
          assert.deepEqual(scene.heard(), ["close 4000", "closed"]);
          assertOver(scene);
        }
      });
    });

    it("abortConnection(): no more messages", () => {
      for (const scene of variants(
        doing(({ transport }) => transport.abortConnection()),
        sent,
      )) {
        assert.deepEqual(scene.diary.pages, [...upTo, "lost ConnectionAborted"]);
        assert.equal(scene.heard().at(-1), "reset");
        assertOver(scene);
      }
    });

    it("abortConnection(), then an exception: one end, and it is logged", () => {
      const both = doing(({ transport }) => {
        transport.abortConnection();
        throw new Error("broken");
      });
      const errors = errorsOf(() => {
        for (const scene of variants(both, sent)) {
          assert.deepEqual(scene.diary.pages, [...upTo, "lost ConnectionAborted"]);
          assertOver(scene);
        }
      });
      assert.lengthOf(errors, 3);
    });

    it("pauseProducing(): the rest waits, and comes in order", () => {
      for (const scene of variants(
        doing(({ transport }) => transport.pauseProducing()),
        sent,
      )) {
        assert.deepEqual(scene.diary.pages, upTo);
        scene.send(frame("text", "last"));
        assert.deepEqual(scene.diary.pages, upTo);
        scene.diary.transport.resumeProducing();
        assert.deepEqual(scene.diary.pages, upTo, "never before it returns");
        scene.pump.flush();
        const rest = ["text more", "pong more", "bytes more", "text last"];
        assert.deepEqual(scene.diary.pages, [...upTo, ...rest]);
      }
    });

    it("pauseProducing() and resumeProducing(): nothing changes", () => {
      const both = doing(({ transport }) => {
        transport.pauseProducing();
        transport.resumeProducing();
        transport.pauseProducing();
        transport.resumeProducing();
      });
      for (const scene of variants(both, sent)) {
        assert.deepEqual(scene.diary.pages, [...upTo, "text more", "pong more", "bytes more"]);
      }
    });

    it("sending: it arrives, in order", () => {
      const sender = doing(({ transport }) => {
        transport.sendTextMessage("1");
        transport.sendBytesMessage(Buffer.alloc(70_000));
        transport.ping("2");
        transport.sendTextMessage("3");
      });
      for (const scene of variants(sender, sent)) {
        assert.deepEqual(scene.heard(), ["text 1", "binary (70000)", "ping 2", "text 3", "open"]);
      }
    });
  });
}

describe("WebSocketConnection: exceptions elsewhere", () => {
  const error = new Error("broken");
  const thrower = (): never => {
    throw error;
  };
  const quiet = { pauseProducing: () => {}, resumeProducing: () => {}, stopProducing: () => {} };

  it("in connectionLost: logged, once", () => {
    const scene = socket({ diary: new Diary((page) => page.startsWith("lost") && thrower()) });
    assert.deepEqual(
      errorsOf(() => scene.send(goodbye(1000))),
      [error],
    );
    assertOver(scene);
  });

  it("in a producer's pauseProducing() and resumeProducing(): the connection ends with it", () => {
    for (const broken of [{ pauseProducing: thrower }, { resumeProducing: thrower }]) {
      const scene = socket();
      const { transport } = scene.diary;
      transport.registerProducer({ ...quiet, ...broken });
      const errors = errorsOf(() => {
        transport.sendBytesMessage(Buffer.alloc(100_000));
        scene.pump.flush();
      });
      assert.deepEqual(errors, [error]);
      assert.strictEqual(scene.diary.reason?.value, error);
      assert.deepEqual(scene.heard().slice(-2), ["close 1011", "closed"]);
      assertOver(scene);
    }
  });

  it("in a producer's stopProducing(): logged, and connectionLost() still comes", () => {
    const ends: readonly ((scene: Scene) => void)[] = [
      (scene) => scene.client.transport.abortConnection(),
      (scene) => scene.diary.transport.loseConnection(),
      (scene) => scene.diary.transport.abortConnection(),
      (scene) => scene.client.transport.write(goodbye(1000)),
    ];
    for (const end of ends) {
      const scene = socket();
      scene.diary.transport.registerProducer({ ...quiet, stopProducing: thrower });
      const errors = errorsOf(() => {
        end(scene);
        scene.pump.flush();
      });
      assert.deepEqual(errors, [error]);
      assertOver(scene);
    }
  });

  it("in a message that was held back: as in any other", () => {
    const scene = socket({ diary: new Diary((page) => page === "text x" && thrower()) });
    scene.diary.transport.pauseProducing();
    scene.send(frame("text", "x"));
    scene.diary.transport.resumeProducing();
    assert.deepEqual(
      errorsOf(() => scene.pump.flush()),
      [error],
    );
    assert.deepEqual(scene.heard(), ["close 1011", "closed"]);
    assertOver(scene);
  });
});
