/**
 * The whole service on a network in memory, in virtual time.
 *
 * @module
 */
import { UsageError } from "sennit/application";
import { maybeDeferred } from "sennit/defer";
import { ClientFactory, Protocol } from "sennit/internet";
import { formatEvent, Logger } from "sennit/logger";
import { successResultOf } from "sennit/testing";
import { assert, it } from "vitest";
import { describeOnAll as describe, makeReactor } from "../../test/fixtures/networks.ts";
import townhall, { type TownhallService } from "./townhall.ts";

/** Keeps what it receives. */
class Visitor extends Protocol {
  received = "";
  isOver = false;

  override dataReceived(data: Buffer): void {
    this.received += data.toString();
  }

  override connectionLost(): void {
    this.isOver = true;
  }
}

class Scene {
  readonly reactor = makeReactor();
  readonly logged: string[] = [];
  readonly service: TownhallService;

  constructor(...args: readonly string[]) {
    const observer = (event: Parameters<typeof formatEvent>[0]): void => {
      this.logged.push(formatEvent(event));
    };
    const log = new Logger({ namespace: "townhall", observer });
    this.service = townhall({ reactor: this.reactor, args, log });
  }

  start(): void {
    const started = maybeDeferred(() => this.service.startService());
    this.reactor.flush();
    successResultOf(started);
  }

  visitor(port: number, name: string): Visitor {
    const visitor = new Visitor();
    const factory = ClientFactory.building(() => visitor);
    this.reactor.connectTCP("127.0.0.1", port, factory);
    this.reactor.flush();
    visitor.transport.write(`${name}\n`);
    this.reactor.flush();
    return visitor;
  }
}

describe("townhall()", () => {
  it("listens on 127.0.0.1:8023, and says how to join", () => {
    const scene = new Scene();
    scene.start();
    assert.deepEqual(scene.logged, [
      "The town hall is open. Join it: nc 127.0.0.1 8023",
      "In a browser: http://127.0.0.1:8080/",
    ]);
    const bob = scene.visitor(8023, "bob");
    const alice = scene.visitor(8023, "alice");
    alice.transport.write("hello\n");
    scene.reactor.flush();
    assert.match(bob.received, /<alice> hello\r\n$/u);
  });

  it("listens where it is told to, with the options it is given", () => {
    const scene = new Scene("tcp:4000", "firstRoom=foyer", "idleTimeout=90");
    scene.start();
    assert.deepEqual(scene.logged, ["The town hall is open. Join it: nc 127.0.0.1 4000"]);
    const bob = scene.visitor(4000, "bob");
    assert.match(bob.received, /You are in foyer, alone/u);
    scene.reactor.advance(90);
    assert.match(bob.received, /You have said nothing for 90 seconds. Goodbye.\r\n$/u);
    assert.isTrue(bob.isOver);
  });

  it("refuses arguments that make no sense, in one sentence", () => {
    for (const args of [["tcp:0", "noise=1"], ["tcp:0", "idleTimeout=x"], ["smoke:signals"]]) {
      assert.throws(() => new Scene(...args), UsageError, /^Cannot /u);
    }
  });

  it("says goodbye to everybody when it stops, and lets nobody in any more", () => {
    const scene = new Scene();
    scene.start();
    const visitors = ["bob", "alice"].map((name) => scene.visitor(8023, name));
    const stopped = maybeDeferred(() => scene.service.stopService());
    scene.reactor.flush();
    successResultOf(stopped);
    for (const visitor of visitors) {
      assert.match(visitor.received, /-- The town hall closes. Goodbye.\r\n$/u);
      assert.isTrue(visitor.isOver);
    }
    const late = scene.visitor(8023, "late");
    assert.isFalse(late.transport.connected);
  });

  it("stops in time when somebody does not read their goodbye", () => {
    const scene = new Scene();
    scene.start();
    const visitors = ["bob", "alice"].map((name) => scene.visitor(8023, name));
    visitors[0]?.transport.pauseProducing();
    for (let line = 0; line < 100; line += 1) {
      visitors[1]?.transport.write(`${"x".repeat(1000)}\n`);
      scene.reactor.advance(1);
    }
    const stopped = maybeDeferred(() => scene.service.stopService());
    scene.reactor.advance(scene.service.stopBound);
    successResultOf(stopped);
  });
});
