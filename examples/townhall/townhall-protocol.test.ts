/**
 * Connections of one town hall, in virtual time. `Seat` is somebody at the other end.
 *
 * @module
 */
import * as fc from "fast-check";
import { MemoryReactor, StringTransport } from "sennit/testing";
import { assert, describe, it } from "vitest";
import type { TownhallOptions } from "./options.ts";
import { TownhallFactory } from "./townhall-factory.ts";

/** Somebody's end of a connection. */
class Seat {
  readonly transport: StringTransport;

  constructor(factory: TownhallFactory, reactor: MemoryReactor) {
    this.transport = new StringTransport({ reactor });
    this.transport.connect(factory.buildProtocol());
  }

  send(data: string | Uint8Array): void {
    this.transport.deliver(data);
  }

  /** The lines that were received since the last time. */
  take(): string[] {
    const text = this.transport.value().toString();
    this.transport.clear();
    return text.split("\r\n").slice(0, -1);
  }
}

class Scene {
  readonly reactor = new MemoryReactor();
  readonly factory: TownhallFactory;

  constructor(options: TownhallOptions = {}) {
    this.factory = new TownhallFactory({ clock: this.reactor, ...options });
  }

  /** A connection without a name, greeted. */
  stranger(): Seat {
    const seat = new Seat(this.factory, this.reactor);
    assert.deepEqual(seat.take(), ["-- Welcome to the town hall. What is your name?"]);
    return seat;
  }

  /** Somebody in the hall, who has not heard anything yet. */
  guest(name: string): Seat {
    const seat = this.stranger();
    seat.send(`${name}\n`);
    assert.match(seat.take()[0] ?? "", /^-- Hello, /u);
    return seat;
  }

  /** Somebody, and somebody who watches. */
  pair(): readonly [Seat, Seat] {
    const bob = this.guest("bob");
    const alice = this.guest("alice");
    bob.take();
    return [bob, alice];
  }
}

describe("TownhallProtocol: lines", () => {
  it("reads lines that end in LF or CR LF, however they are cut", () => {
    const [bob, alice] = new Scene().pair();
    for (const chunk of ["one\ntwo\r\nth", "ree\r", "\n", "four\r\r\n"]) bob.send(chunk);
    assert.deepEqual(alice.take(), ["<bob> one", "<bob> two", "<bob> three", "<bob> four"]);
  });

  it("sends lines that end in CR LF, without Nagle's delay", () => {
    const alice = new Scene().guest("alice");
    alice.send("/rooms\n");
    assert.equal(alice.transport.value().toString(), "-- Rooms: hall (1).\r\n");
    assert.isTrue(alice.transport.getTcpNoDelay());
  });

  it("asks again until a name will do", () => {
    const scene = new Scene();
    scene.guest("bob");
    const eve = scene.stranger();
    eve.send("BOB\n\nGET / HTTP/1.1\neve\n");
    assert.deepEqual(eve.take(), [
      "-- BOB is taken. Please choose another name.",
      "-- A name has 1 to 24 letters, digits, hyphens or underscores.",
      "-- A name has 1 to 24 letters, digits, hyphens or underscores.",
      "-- Hello, eve. Type /help for what you can do here.",
      "-- You are in hall, with bob.",
    ]);
  });

  it("drops telnet's negotiation, also when it is cut or has a line feed in it", () => {
    const [bob, alice] = new Scene().pair();
    for (const chunk of [[0xff, 0xfb], [0x0a], [0xff, 0xfa, 0x1f, 0x0a, 0x0a, 0xff, 0xf0]]) {
      bob.send(Buffer.from(chunk));
    }
    bob.send("hello\r\n");
    assert.deepEqual(alice.take(), ["<bob> hello"]);
    assert.deepEqual(bob.take(), []);
  });

  it("makes noise harmless to those who hear it", () => {
    const [bob, alice] = new Scene().pair();
    bob.send(Buffer.from("\u001b[2Ja\u0007\n"));
    bob.send(Buffer.from([0x80, 0xc0, 0x00, 0x41, 0x0a]));
    assert.deepEqual(alice.take(), ["<bob> [2Ja", "<bob> \ufffd\ufffdA"]);
  });
});

describe("TownhallProtocol: any bytes", () => {
  /** Bytes that mean something, among bytes that may not. */
  const bytes = fc.oneof(
    fc.constantFrom("\n", "\r\n", "/", "/join a\n", "/name b\n", "/leave\n", "/who\n", "/quit\n"),
    fc.string(),
    fc.uint8Array({ maxLength: 50 }),
    fc
      .constantFrom([0xff], [0xff, 0xfa], [0xff, 0xf0], [0xff, 0xfb, 0x0a])
      .map((codes) => Buffer.from(codes)),
  );

  it("end in good order or not at all, and others hear whole, plain lines", () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 40 }), fc.boolean(), (chunks, isEnding) => {
        const scene = new Scene({ burstLines: 1000, lineBytesMax: 100 });
        const [bob, alice] = scene.pair();
        for (const chunk of chunks) if (bob.transport.reading) bob.send(chunk);
        if (isEnding && bob.transport.reading) bob.transport.deliverEnd();
        assert.include(["open", "closed"], bob.transport.end);
        const heard = alice.transport.value().toString();
        assert.match(heard, /^(?:(?:<|\* |\[|-- )\P{Cc}*\r\n)*$/u);
        assert.equal(alice.transport.end, "open");
        assert.equal(scene.factory.connectionCount, bob.transport.end === "open" ? 2 : 1);
        alice.send("/who hall\n");
        assert.match(alice.take().at(-1) ?? "", /^-- In hall: /u);
      }),
    );
  });
});

describe("TownhallProtocol: ends", () => {
  it("/quit says goodbye and closes; the name is free at once", () => {
    const scene = new Scene();
    const [bob, alice] = scene.pair();
    bob.send("/quit\nthis is not heard\n");
    assert.deepEqual(bob.take(), ["-- Goodbye."]);
    assert.equal(bob.transport.end, "closed");
    assert.deepEqual(alice.take(), ["-- bob has gone (quit)"]);
    scene.guest("bob");
    assert.equal(scene.factory.connectionCount, 2);
  });

  it("half a close: all that came is obeyed and answered, a last line without its end too", () => {
    const scene = new Scene();
    const alice = scene.guest("alice");
    const bob = scene.stranger();
    bob.send("bob\nhello\n/who\nunfinished");
    bob.transport.deliverEnd();
    assert.deepEqual(bob.take().slice(-2), ["-- In hall: alice, bob.", "-- Goodbye."]);
    assert.equal(bob.transport.end, "closed");
    assert.deepEqual(alice.take(), [
      "-- bob has come in",
      "<bob> hello",
      "<bob> unfinished",
      "-- bob has gone (left)",
    ]);
  });

  it("a reset is told to the room, and half a line is not", () => {
    const scene = new Scene();
    const [bob, alice] = scene.pair();
    bob.send("half a li");
    bob.transport.deliverReset();
    assert.deepEqual(alice.take(), ["-- bob has gone (connection lost)"]);
    assert.equal(scene.factory.connectionCount, 1);
  });

  it("somebody without a name comes and goes unheard", () => {
    const scene = new Scene();
    const alice = scene.guest("alice");
    scene.stranger().transport.deliverReset();
    scene.stranger().transport.deliverEnd();
    assert.deepEqual(alice.take(), []);
    assert.equal(scene.factory.connectionCount, 1);
  });

  it("leaves no timer behind, however it ends", () => {
    const scene = new Scene();
    scene.guest("a").transport.deliverReset();
    scene.guest("b").send("/quit\n");
    scene.guest("c").transport.deliverEnd();
    scene.stranger().transport.deliverReset();
    scene.reactor.flush();
    assert.lengthOf(scene.reactor.getDelayedCalls(), 0);
    assert.equal(scene.factory.personCount, 0);
    assert.equal(scene.factory.connectionCount, 0);
  });

  it("drain() says goodbye to everybody, and not that everybody goes", () => {
    const scene = new Scene();
    const protocols = [scene.factory.buildProtocol(), scene.factory.buildProtocol()];
    const transports = protocols.map((protocol) => {
      const transport = new StringTransport({ reactor: scene.reactor });
      transport.connect(protocol);
      return transport;
    });
    const alice = scene.guest("alice");
    transports[0]?.deliver("bob\n");
    for (const transport of transports) transport.clear();
    for (const protocol of protocols) {
      assert.isTrue("drain" in protocol);
      if ("drain" in protocol && typeof protocol.drain === "function") protocol.drain();
    }
    for (const transport of transports) {
      assert.equal(transport.value().toString(), "-- The town hall closes. Goodbye.\r\n");
      assert.equal(transport.end, "closed");
    }
    assert.deepEqual(alice.take(), ["-- bob has come in"]);
  });
});

describe("TownhallProtocol: limits", () => {
  it("a line of the longest length is said, with CR LF too; one byte more ends it", () => {
    const scene = new Scene({ lineBytesMax: 10 });
    const [bob, alice] = scene.pair();
    bob.send("0123456789\n");
    bob.send("0123456789\r\n");
    assert.deepEqual(alice.take(), ["<bob> 0123456789", "<bob> 0123456789"]);
    bob.send("0123456789A\n");
    assert.deepEqual(bob.take(), ["-- A line has at most 10 bytes. Goodbye."]);
    assert.equal(bob.transport.end, "closed");
    assert.deepEqual(alice.take(), ["-- bob has gone (line too long)"]);
  });

  it("a line without an end is not waited for", () => {
    const [bob, alice] = new Scene().pair();
    bob.send("x".repeat(65_536));
    assert.deepEqual(bob.take(), ["-- A line has at most 1024 bytes. Goodbye."]);
    assert.equal(bob.transport.end, "closed");
    assert.deepEqual(alice.take(), ["-- bob has gone (line too long)"]);
  });

  it("too many lines: a warning, then the end", () => {
    const scene = new Scene({ burstLines: 3, linesPerSecond: 1, droppedLinesMax: 2 });
    const [bob, alice] = scene.pair(); // The name was a line too.
    bob.send("1\n2\n3\n4\n");
    assert.deepEqual(alice.take(), ["<bob> 1", "<bob> 2"]);
    assert.match(bob.take().join("\n"), /^-- Slower, please: .*$/u);
    scene.reactor.advance(3);
    bob.send("5\n");
    assert.deepEqual(alice.take(), ["<bob> 5"]);
    bob.send("6\n7\n8\n9\n10\n11\n12\n");
    assert.deepEqual(alice.take(), ["<bob> 6", "<bob> 7", "-- bob has gone (too many lines)"]);
    assert.deepEqual(bob.take().slice(-1), ["-- Too many lines. Goodbye."]);
    assert.equal(bob.transport.end, "closed");
  });

  it("silence: a warning, then the end; a line begins anew", () => {
    const scene = new Scene({ idleTimeout: 600, idleWarning: 60 });
    const bob = scene.guest("bob");
    scene.reactor.advance(500);
    bob.send("still here\n");
    bob.take();
    scene.reactor.advance(539);
    assert.deepEqual(bob.take(), []);
    scene.reactor.advance(1);
    assert.deepEqual(bob.take(), ["-- Say something within 1 minute, or you will go."]);
    scene.reactor.advance(59);
    assert.equal(bob.transport.end, "open");
    scene.reactor.advance(1);
    assert.deepEqual(bob.take(), ["-- You have said nothing for 10 minutes. Goodbye."]);
    assert.equal(bob.transport.end, "closed");
  });

  it("silence: bytes that make no line do not count", () => {
    const scene = new Scene({ idleTimeout: 10, idleWarning: 0 });
    const bob = scene.guest("bob");
    for (let second = 0; second < 9; second += 1) {
      scene.reactor.advance(1);
      bob.send("x");
    }
    scene.reactor.advance(1);
    assert.equal(bob.transport.end, "closed");
  });

  it("no name in time: the end, however many names are tried", () => {
    const scene = new Scene({ nameTimeout: 5 });
    const eve = scene.stranger();
    scene.reactor.advance(4);
    eve.send("not a name\n");
    eve.take();
    scene.reactor.advance(1);
    assert.deepEqual(eve.take(), ["-- You have not told your name. Goodbye."]);
    assert.equal(eve.transport.end, "closed");
  });

  it("somebody who does not read goes, and nobody else waits", () => {
    const scene = new Scene({ unreadBytesMax: 2000, linesPerSecond: 1000 });
    const [bob, alice] = scene.pair();
    alice.transport.stalled = true;
    const eve = scene.guest("eve");
    bob.take();
    const said = Array.from({ length: 30 }, (_, number) => `${String(number)} ${"x".repeat(100)}`);
    for (const line of said) {
      bob.send(`${line}\n`);
      scene.reactor.advance(0.1);
      assert.isAtMost(alice.transport.bufferedBytes, 2200);
    }
    assert.equal(alice.transport.end, "aborted");
    const gone = "-- alice has gone (did not read)";
    assert.deepEqual(bob.take(), [gone]);
    const heard = eve.take();
    assert.include(heard, gone);
    assert.deepEqual(
      heard.filter((line) => line !== gone),
      said.map((line) => `<bob> ${line}`),
    );
    assert.equal(scene.factory.personCount, 2);
  });

  it("a full house turns people away until somebody goes", () => {
    const scene = new Scene({ peopleMax: 2 });
    const [bob] = scene.pair();
    const eve = new Seat(scene.factory, scene.reactor);
    assert.deepEqual(eve.take(), ["-- The town hall is full. Please come back later."]);
    assert.equal(eve.transport.end, "closed");
    bob.send("/quit\n");
    scene.guest("eve");
  });
});

describe("TownhallFactory", () => {
  it("refuses options that make no sense", () => {
    const clock = new MemoryReactor();
    for (const options of [
      { peopleMax: 0 },
      { idleTimeout: Number.NaN },
      { burstLines: 0.5 },
      { idleWarning: -1 },
      { firstRoom: "two words" },
    ]) {
      assert.throws(() => new TownhallFactory({ clock, ...options }), RangeError, "Cannot open");
    }
  });

  it("logs who comes and goes, and not what is said", () => {
    const reactor = new MemoryReactor();
    const logged: string[] = [];
    const log = {
      info: (format: string, fields: object = {}) => {
        logged.push(`${format} ${JSON.stringify(fields)}`);
      },
    };
    const factory = new TownhallFactory({ clock: reactor, log });
    new Seat(factory, reactor).send("bob\nhello\n/quit\n");
    assert.deepEqual(logged, [
      '{name} has come from {from} {"name":"bob","from":"198.51.100.1:12345"}',
      '{name} has gone ({why}) {"name":"bob","why":"quit"}',
    ]);
  });
});
