import { assert, it } from "vitest";
import { ClientFactory, Factory, ServerFactory } from "./factory.ts";
import { Protocol } from "./protocol.ts";

it("forProtocol() and building() of a subclass make one of the subclass", () => {
  class Chat extends Factory {
    override noisy = false;
    readonly log: string[] = [];
    override startFactory(): void {
      this.log.push("start");
    }
  }
  class Client extends ClientFactory {}
  for (const kind of [Chat, Client, ServerFactory]) {
    assert.instanceOf(kind.forProtocol(Protocol), kind);
    assert.instanceOf(
      kind.building(() => new Protocol()),
      kind,
    );
  }
});

it("a startFactory() that throws has not started the factory", () => {
  let starts = 0;
  class Unlucky extends Factory {
    override noisy = false;
    override startFactory(): void {
      starts += 1;
      if (starts === 1) throw new Error("the database is away");
    }
  }
  const factory = new Unlucky();
  assert.throws(() => factory.doStart(), "the database is away");
  assert.equal(factory.numPorts, 0);
  factory.doStart();
  assert.deepEqual([starts, factory.numPorts], [2, 1]);
});
