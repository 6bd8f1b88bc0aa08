import { assert, it } from "vitest";
import type { Failure } from "../defer/failure.ts";
import { Protocol } from "../internet/protocol.ts";
import { connect } from "./connect.ts";
import { StringTransport } from "./string-transport.ts";

class Recorder extends Protocol {
  readonly log: string[] = [];
  override dataReceived(data: Buffer): void {
    this.log.push(data.toString());
  }
  override connectionLost(reason: Failure): void {
    this.log.push(`lost ${reason.type}`);
  }
}
class HalfCloser extends Recorder {
  readConnectionLost(): void {
    this.log.push("peer ended");
  }
  writeConnectionLost(): void {}
}

it("deliver() refuses after deliverReset(), and the transport says that it has ended", () => {
  const transport = new StringTransport();
  transport.connect(new Recorder());
  transport.deliverReset();
  assert.isFalse(transport.reading);
  assert.notEqual(transport.end, "open");
  assert.throws(() => transport.deliver("x"), "Cannot deliver");
});

it("deliver() refuses after deliverEnd(): the peer has said its last word", () => {
  const protocol = new HalfCloser();
  const transport = new StringTransport();
  transport.connect(protocol);
  transport.deliverEnd();
  assert.throws(() => transport.deliver("x"), "Cannot deliver");
  assert.deepEqual(protocol.log, ["peer ended"]);
});

it("a protocol that has paused does not hear of the peer's end until it reads again", () => {
  const protocol = new Recorder();
  const transport = new StringTransport();
  transport.connect(protocol);
  transport.pauseProducing();
  transport.deliverEnd();
  assert.deepEqual(protocol.log, []);
  transport.resumeProducing();
  transport.reactor.flush();
  assert.deepEqual(protocol.log, ["lost ConnectionDone"]);
});

it("a stalled peer has taken nothing: value() has the bytes when it reads again", () => {
  const transport = new StringTransport();
  transport.connect(new Recorder());
  transport.stalled = true;
  transport.write("abc");
  assert.equal(transport.value().toString(), "");
  transport.write("def");
  assert.equal(transport.value().toString(), "");
  assert.equal(transport.bufferedBytes, 6);
  transport.stalled = false;
  assert.equal(transport.value().toString(), "abcdef");
  assert.equal(transport.bufferedBytes, 0);
});

it("connect() refuses a chunkBytes that is none", () => {
  for (const chunkBytes of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => connect(new Protocol(), new Protocol(), { chunkBytes }), RangeError);
  }
});

it("writing to a peer that is gone altogether ends the connection", () => {
  const server = new HalfCloser();
  const pump = connect(new Recorder(), server);
  pump.client.loseConnection();
  pump.flush();
  assert.deepEqual(server.log, ["peer ended"]);
  server.transport.write("is anybody there?");
  pump.flush();
  assert.deepEqual(server.log, ["peer ended", "lost ConnectionLost"]);
});
