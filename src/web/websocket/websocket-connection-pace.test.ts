/**
 * Peers that are slow, or do not read: what waits for them is bounded, and so is the time.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { sip } from "../../../test/fixtures/web/in-memory-site.ts";
import {
  Diary,
  frame,
  goodbye,
  type Scene,
  socket,
} from "../../../test/fixtures/web/websocket-scene.ts";
import { ConnectionTimedOut, ProducerAlreadyRegisteredError } from "../../internet/errors.ts";
import type { IPushProducer } from "../../internet/interfaces-transport.ts";

const KIB = 1024;

/** The phase in which the connection timed out. */
function timedOut({ diary }: Scene): string {
  const error = diary.reason?.value;
  return error instanceof ConnectionTimedOut
    ? `${error.phase} ${String(error.seconds)}`
    : String(error);
}

/** Writes down what it is told. */
class Pacer implements IPushProducer {
  readonly told: string[] = [];

  pauseProducing(): void {
    this.told.push("pause");
  }

  resumeProducing(): void {
    this.told.push("resume");
  }

  stopProducing(): void {
    this.told.push("stop");
  }
}

/** A client that takes nothing from now on. */
function deaf(scene: Scene): Scene {
  scene.client.transport.pauseProducing();
  return scene;
}

describe("WebSocketConnection: producers", () => {
  it("is paused above 64 KiB, when the frame is whole, and resumed when all has left", () => {
    const scene = deaf(socket());
    const { transport } = scene.diary;
    const pacer = new Pacer();
    transport.registerProducer(pacer);
    transport.sendBytesMessage(Buffer.alloc(65_000));
    assert.isEmpty(pacer.told);
    transport.sendBytesMessage(Buffer.alloc(65_000));
    assert.deepEqual(pacer.told, ["pause"]);
    transport.sendBytesMessage(Buffer.alloc(65_000));
    assert.deepEqual(pacer.told, ["pause"]);
    scene.pump.flush();
    assert.deepEqual(pacer.told, ["pause"], "the client does not read");
    scene.client.transport.resumeProducing();
    scene.pump.flush();
    assert.deepEqual(pacer.told, ["pause", "resume"]);
    assert.equal(transport.bufferedBytes, 0);
  });

  it("may send from inside pauseProducing() without cutting a frame in two", () => {
    const scene = socket();
    const { transport } = scene.diary;
    let said = 0;
    transport.registerProducer({
      pauseProducing: () => {
        said += 1;
        if (said < 3) transport.sendTextMessage("that was much");
      },
      resumeProducing: () => {},
      stopProducing: () => {},
    });
    transport.sendBytesMessage(Buffer.alloc(65_530));
    transport.sendBytesMessage(Buffer.alloc(2000));
    scene.pump.flush();
    const heard = ["binary (65530)", "binary (2000)", "text that was much", "open"];
    assert.deepEqual(scene.heard(), heard);
  });

  it("one that never stops costs 64 KiB and a message", () => {
    const scene = socket();
    const { transport } = scene.diary;
    let sent = 0;
    let most = 0;
    const state = { running: true };
    const produce = (): void => {
      while (state.running && sent < 20_000_000) {
        transport.sendBytesMessage(Buffer.alloc(10_000));
        sent += 10_000;
        most = Math.max(most, transport.bufferedBytes);
      }
    };
    transport.registerProducer({
      pauseProducing: () => {
        state.running = false;
      },
      resumeProducing: () => {
        state.running = true;
        produce();
      },
      stopProducing: () => {},
    });
    produce();
    scene.pump.flush();
    assert.equal(sent, 20_000_000);
    assert.isBelow(most, 64 * KIB + 10_100);
  });

  it("a second one is refused; the next after unregisterProducer() is told at once", () => {
    const scene = deaf(socket());
    const { transport } = scene.diary;
    const [first, second] = [new Pacer(), new Pacer()];
    transport.registerProducer(first);
    assert.throws(() => transport.registerProducer(second), ProducerAlreadyRegisteredError);
    transport.sendBytesMessage(Buffer.alloc(100_000));
    transport.unregisterProducer();
    transport.registerProducer(second);
    assert.deepEqual([first.told, second.told], [["pause"], ["pause"]]);
    scene.client.transport.resumeProducing();
    scene.pump.flush();
    assert.deepEqual([first.told, second.told], [["pause"], ["pause", "resume"]]);
  });

  it("is stopped, once, when nothing more can be sent, and not resumed", () => {
    const ends: readonly ((scene: Scene) => void)[] = [
      (scene) => scene.diary.transport.loseConnection(),
      (scene) => scene.diary.transport.abortConnection(),
      (scene) => scene.client.transport.write(goodbye(1000)),
      (scene) => scene.client.transport.write("nonsense"),
      (scene) => scene.client.transport.abortConnection(),
    ];
    for (const end of ends) {
      const scene = deaf(socket());
      const pacer = new Pacer();
      scene.diary.transport.registerProducer(pacer);
      scene.diary.transport.sendBytesMessage(Buffer.alloc(100_000));
      end(scene);
      scene.pump.flush();
      scene.client.transport.resumeProducing();
      scene.send(goodbye(1000));
      assert.deepEqual(pacer.told, ["pause", "stop"]);
    }
  });

  it("one that loops until it is told to stop ends with loseConnection()", () => {
    const scene = socket();
    const { transport } = scene.diary;
    const pacer = new Pacer();
    transport.registerProducer(pacer);
    let sent = 0;
    while (!pacer.told.includes("stop")) {
      transport.sendTextMessage("tick");
      sent += 1;
      if (sent === 10) transport.loseConnection();
    }
    assert.equal(sent, 10);
  });

  it("drained() fires when all that was sent has left", async () => {
    const scene = deaf(socket());
    scene.diary.transport.sendBytesMessage(Buffer.alloc(100_000));
    let fired = false;
    const drained = scene.diary.transport.drained().addCallback(() => {
      fired = true;
    });
    scene.pump.flush();
    assert.isFalse(fired);
    scene.client.transport.resumeProducing();
    scene.pump.flush();
    await drained;
    assert.isTrue(fired);
  });
});

describe("WebSocketConnection: a client that does not read", () => {
  it("is dropped after writeTimeout, talkative as it may be", () => {
    const scene = deaf(socket({ writeTimeout: 60 }));
    scene.diary.transport.sendBytesMessage(Buffer.alloc(200_000));
    scene.pump.flush(); // What is on its way now is some progress.
    for (let second = 0; second < 119; second += 1) {
      scene.advance(1);
      scene.send(frame("text", "x"));
    }
    assert.isUndefined(scene.diary.reason);
    scene.advance(1);
    assert.equal(timedOut(scene), "write 60");
    assert.isEmpty(scene.reactor.getDelayedCalls());
  });

  it("is not dropped while it takes some, even where ever more is sent", () => {
    const scene = deaf(socket({ writeTimeout: 60, chunkBytes: 50_000 }));
    scene.diary.transport.sendBytesMessage(Buffer.alloc(8_000_000));
    for (let round = 0; round < 20; round += 1) {
      scene.advance(50);
      sip(scene, 200_000);
      scene.diary.transport.sendBytesMessage(Buffer.alloc(300_000));
      assert.isUndefined(scene.diary.reason, `round ${String(round)}`);
    }
    assert.isAbove(scene.diary.transport.bufferedBytes, 500_000);
    scene.advance(121);
    assert.equal(timedOut(scene), "write 60");
  });

  it("sending more to it is no progress", () => {
    const scene = deaf(socket({ writeTimeout: 60 }));
    for (let second = 0; second < 61; second += 1) {
      scene.diary.transport.sendBytesMessage(Buffer.alloc(2000));
      scene.diary.transport.sendBytesMessage(Buffer.alloc(60_000));
      scene.advance(1);
    }
    scene.advance(2);
    assert.equal(timedOut(scene), "write 60");
  });

  it("is dropped as well while we do not listen to it", () => {
    const scene = deaf(socket({ writeTimeout: 60 }));
    scene.diary.transport.sendBytesMessage(Buffer.alloc(200_000));
    scene.diary.transport.pauseProducing();
    scene.advance(120.1);
    assert.equal(timedOut(scene), "write 60");
  });

  it("and reads again, but says nothing: it is pinged", () => {
    const scene = deaf(socket({ pingInterval: 30, pongTimeout: 20 }));
    scene.diary.transport.sendBytesMessage(Buffer.alloc(200_000));
    scene.advance(10);
    scene.client.transport.resumeProducing();
    scene.advance(29.9);
    assert.deepEqual(scene.heard(), ["binary (200000)", "open"]);
    scene.advance(0.2);
    assert.deepEqual(scene.heard(), ["binary (200000)", "ping", "open"]);
    scene.advance(20);
    assert.equal(timedOut(scene), "pong 20");
  });

  it("hears our goodbye and nothing behind it, however late", () => {
    const scene = deaf(socket({ pingInterval: 5, pongTimeout: 5 }));
    for (let at = 0; at < 2; at += 1) {
      scene.diary.transport.sendBytesMessage(Buffer.alloc(60_000));
      scene.pump.flush();
    }
    scene.send(Buffer.from("nonsense"));
    scene.advance(20);
    scene.client.transport.resumeProducing();
    scene.pump.flush();
    const messages = Array.from({ length: 2 }, () => "binary (60000)");
    assert.deepEqual(scene.heard(), [...messages, "close 1002", "closed"]);
  });

  it("gets our goodbye when it reads; its own is awaited from then on", () => {
    const scene = deaf(socket({ writeTimeout: 60, closeTimeout: 10 }));
    scene.diary.transport.sendBytesMessage(Buffer.alloc(200_000));
    scene.diary.transport.loseConnection();
    scene.advance(50);
    scene.client.transport.resumeProducing();
    scene.pump.flush();
    assert.deepEqual(scene.heard(), ["binary (200000)", "close 1000", "open"]);
    scene.advance(9.9);
    assert.deepEqual(scene.diary.pages, ["made"]);
    scene.advance(0.2);
    assert.equal(timedOut(scene), "close 10");
    assert.isEmpty(scene.reactor.getDelayedCalls());
  });

  it("does not hold our goodbye for longer than writeTimeout", () => {
    const scene = deaf(socket({ writeTimeout: 60, closeTimeout: 10 }));
    scene.diary.transport.sendBytesMessage(Buffer.alloc(200_000));
    scene.diary.transport.loseConnection();
    scene.advance(120.1);
    assert.equal(timedOut(scene), "write 60");
    assert.isEmpty(scene.reactor.getDelayedCalls());
  });

  it("nor the answer to its own goodbye, or to its errors, for ever", () => {
    for (const sent of [goodbye(1000), Buffer.from("nonsense")]) {
      const scene = deaf(socket());
      scene.diary.transport.sendBytesMessage(Buffer.alloc(200_000));
      scene.send(sent);
      assert.isUndefined(scene.diary.reason);
      scene.advance(61);
      assert.isDefined(scene.diary.reason);
      assert.isEmpty(scene.reactor.getDelayedCalls());
    }
  });

  it("and floods us with pings: a few are answered, then the last", () => {
    const scene = deaf(socket());
    const numbers = Array.from({ length: 10_000 }, (_, at) => `p${String(at)}`);
    const flood = Buffer.concat(numbers.map((one) => frame("ping", one)));
    let most = 0;
    for (let at = 0; at < flood.length; at += 5000) {
      scene.send(flood.subarray(at, at + 5000));
      most = Math.max(most, scene.diary.transport.bufferedBytes);
    }
    scene.diary.transport.sendBytesMessage(Buffer.alloc(200_000));
    scene.send(flood);
    scene.client.transport.resumeProducing();
    scene.pump.flush();
    assert.isBelow(most, 64 * 127);
    const heard = scene.heard();
    assert.deepEqual(heard.slice(0, 2), ["pong p0", "pong p1"]);
    assert.deepEqual(heard.slice(-2), ["pong p9999", "open"], "the last is answered");
    assert.isBelow(heard.length, 2000);
  });

  it("whose pings are owed ends without an answer, and without an error", () => {
    const scene = deaf(socket());
    scene.diary.transport.sendBytesMessage(Buffer.alloc(200_000));
    scene.send(frame("ping", "owed"));
    scene.client.transport.abortConnection();
    scene.pump.flush();
    assert.deepEqual(scene.diary.pages, ["made", "lost ConnectionLost"]);
  });
});

describe("WebSocketConnection: ten pings", () => {
  it("are answered one by one, in order", () => {
    const { send, heard } = socket();
    const numbers = Array.from({ length: 10 }, (_, at) => String(at));
    send(Buffer.concat(numbers.map((one) => frame("ping", one))));
    assert.deepEqual(heard(), [...numbers.map((one) => `pong ${one}`), "open"]);
  });

  it("ten times, are too", () => {
    const { send, heard } = socket();
    const ten = Buffer.concat(Array.from({ length: 10 }, (_, at) => frame("ping", String(at))));
    for (let round = 0; round < 10; round += 1) send(ten);
    assert.lengthOf(heard(), 101);
  });
});

describe("WebSocketConnection: pauseProducing()", () => {
  it("stops messages and the client, and holds one chunk", () => {
    const scene = socket();
    scene.send(frame("text", "before"));
    scene.diary.transport.pauseProducing();
    for (let round = 0; round < 20; round += 1) scene.send(frame("binary", Buffer.alloc(10_000)));
    assert.deepEqual(scene.diary.pages, ["made", "text before"]);
    assert.isAbove(scene.client.transport.bufferedBytes, 100_000, "the client waits");
    scene.diary.transport.resumeProducing();
    assert.lengthOf(scene.diary.pages, 2);
    scene.pump.flush();
    assert.lengthOf(scene.diary.pages, 22);
  });

  it("in connectionMade, with frames behind the request: they wait, and the client", () => {
    const diary = new Diary((page, { transport }) => {
      if (page === "made") transport.pauseProducing();
    });
    const scene = socket({ diary, behind: frame("text", "at once") });
    for (let round = 0; round < 20; round += 1) scene.send(frame("binary", Buffer.alloc(10_000)));
    assert.deepEqual(diary.pages, ["made"]);
    assert.isAbove(scene.client.transport.bufferedBytes, 100_000, "the client waits");
    diary.transport.resumeProducing();
    scene.pump.flush();
    assert.deepEqual(diary.pages.slice(0, 2), ["made", "text at once"]);
    assert.lengthOf(diary.pages, 22);
  });

  it("and again before the held messages have come: they are held on", () => {
    const scene = socket();
    scene.diary.transport.pauseProducing();
    scene.send(frame("text", "x"));
    scene.diary.transport.resumeProducing();
    scene.diary.transport.pauseProducing();
    scene.pump.flush();
    assert.deepEqual(scene.diary.pages, ["made"]);
    scene.diary.transport.resumeProducing();
    scene.pump.flush();
    assert.deepEqual(scene.diary.pages, ["made", "text x"]);
  });

  it("one message at a time", () => {
    const diary = new Diary((page, { transport }) => {
      if (page.startsWith("text")) transport.pauseProducing();
    });
    const scene = socket({ diary });
    scene.send(Buffer.concat(["1", "2", "3"].map((one) => frame("text", one))));
    for (let at = 1; at <= 3; at += 1) {
      assert.lengthOf(diary.pages, 1 + at);
      diary.transport.resumeProducing();
      diary.transport.resumeProducing();
      scene.pump.flush();
    }
    assert.deepEqual(diary.pages, ["made", "text 1", "text 2", "text 3"]);
  });
});
