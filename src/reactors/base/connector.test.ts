/**
 * Connectors while the reactor stops: whoever connects then has been told of the failure when it is
 * over.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import type { Deferred } from "../../defer/deferred.ts";
import { ClientFactory, Factory } from "../../internet/factory.ts";
import { Protocol } from "../../internet/protocol.ts";
import { MemoryReactor } from "../memory/memory-reactor.ts";

/** Writes down what it is told, and does something about it. */
class Diary extends ClientFactory {
  override noisy = false;
  override protocol = Protocol;
  readonly entries: string[] = [];
  onLost: () => void = () => {};
  onFailed: () => void = () => {};

  override startedConnecting(): void {
    this.entries.push("started");
  }

  override clientConnectionFailed(): void {
    this.entries.push("failed");
    this.onFailed();
  }

  override clientConnectionLost(): void {
    this.entries.push("lost");
    this.onLost();
  }
}

interface Life {
  readonly reactor: MemoryReactor;
  readonly over: Deferred<void>;
}

/** A reactor that runs. */
function running(): Life {
  const reactor = new MemoryReactor();
  return { reactor, over: reactor.run({ installSignalHandlers: false }) };
}

/** The same, with somebody to connect to. */
function listening(): Life {
  const life = running();
  const server = Factory.forProtocol(Protocol);
  server.noisy = false;
  life.reactor.listenTCP(80, server);
  life.reactor.flush();
  return life;
}

/** Stop it. @returns What each had in its diary when it was over. */
function entriesAtEnd({ reactor, over }: Life, ...diaries: readonly Diary[]): readonly string[] {
  let atEnd: readonly string[] = [];
  void over.addCallback(() => {
    atEnd = diaries.map(({ entries }) => entries.join(" "));
  });
  reactor.stop();
  reactor.flush();
  return atEnd;
}

describe("Connector at the end of its reactor", () => {
  it("that begins when another connection is lost has failed when run() fires", () => {
    const life = listening();
    const [first, second] = [new Diary(), new Diary()];
    first.onLost = () => void life.reactor.connectTCP("127.0.0.1", 80, second);
    second.onFailed = () => void life.reactor.callLater(1, () => second.entries.push("again"));
    life.reactor.connectTCP("127.0.0.1", 80, first);
    life.reactor.flush();
    const atEnd = entriesAtEnd(life, first, second);
    assert.deepEqual(atEnd, ["started lost", "started failed"]);
    life.reactor.advance(10); // What it wants to do about it waits for the next run.
    assert.deepEqual(second.entries, ["started", "failed"]);
  });

  it("whose attempt was stopped has been told so when run() fires", () => {
    const life = running();
    const diary = new Diary();
    life.reactor.addSystemEventTrigger("during", "shutdown", () => {
      life.reactor.connectTCP("127.0.0.1", 80, diary).stopConnecting();
    });
    assert.deepEqual(entriesAtEnd(life, diary), ["started failed"]);
  });

  it("is not waited for where each failure leads to another attempt", () => {
    const life = running();
    const diary = new Diary();
    let begun = 0;
    diary.onFailed = () => {
      begun += 1;
      if (begun < 1000) life.reactor.connectTCP("127.0.0.1", 80, diary);
    };
    life.reactor.addSystemEventTrigger("during", "shutdown", () => {
      life.reactor.connectTCP("127.0.0.1", 80, diary);
    });
    const [entries = ""] = entriesAtEnd(life, diary);
    assert.isBelow(entries.split(" ").length, 10);
  });
});
