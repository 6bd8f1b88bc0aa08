/**
 * A transport as a stream, in both directions and at its end.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { frame, TYPE, word } from "../../../test/fixtures/web/http2-frames.ts";
import { settleWire } from "../../../test/fixtures/web/in-memory-http2.ts";
import { RawClient } from "../../../test/fixtures/web/in-memory-site.ts";
import { Protocol } from "../../internet/protocol.ts";
import { connect, type Pump } from "../../testing/connect.ts";
import { HTTP2Wire } from "./http2-wire.ts";

interface Wired {
  readonly pump: Pump;
  readonly client: RawClient;
  readonly wire: HTTP2Wire;
  /** What it was told: is the transport full? */
  readonly told: readonly boolean[];
  /** Bytes that it was handed. */
  readonly handed: () => number;
}

function wired(): Wired {
  const told: boolean[] = [];
  let handed = 0;
  const server = new Protocol();
  const client = new RawClient();
  const pump = connect(client, server);
  const wire = new HTTP2Wire(server.transport, (isFull) => told.push(isFull));
  server.dataReceived = (data: Buffer) => {
    handed += data.length;
    wire.receive(data);
  };
  return { pump, client, wire, told, handed: () => handed };
}

describe("HTTP2Wire", () => {
  it("does not read on from a peer whose bytes nobody takes", async () => {
    const { pump, client, wire, handed } = wired();
    for (let n = 0; n < 100; n += 1) client.transport.write(Buffer.alloc(10_000));
    await settleWire(pump);
    assert.isBelow(handed(), 1_000_000);
    let taken = 0;
    wire.on("data", (data: Buffer) => {
      taken += data.length;
    });
    await settleWire(pump);
    assert.equal(taken, 1_000_000);
  });

  it("does not take more than the transport has room for, and tells of it", async () => {
    const { pump, client, wire, told } = wired();
    client.transport.pauseProducing();
    let done = 0;
    for (let n = 0; n < 100; n += 1) {
      wire.write(Buffer.alloc(10_000), () => {
        done += 1;
      });
      await settleWire(pump);
    }
    assert.isBelow(done, 30);
    assert.deepEqual(told, [true]);
    client.transport.resumeProducing();
    await settleWire(pump);
    assert.equal(done, 100);
    assert.equal(client.received.length, 1_000_000);
    assert.isFalse(told.at(-1));
  });

  it.each(["end", "destroy"] as const)(
    "%s(): what was written is sent, then it closes",
    async (how) => {
      const { pump, client, wire } = wired();
      wire.write("goodbye");
      await settleWire(pump);
      wire[how]();
      await settleWire(pump);
      assert.equal(client.received, "goodbye");
      assert.isDefined(client.ended);
      client.transport.write("late");
      wire.receive(Buffer.from("late"));
      assert.equal(wire.readableLength, 0);
    },
  );

  it("ends with a GOAWAY that is sent for an error, after what was written with it", async () => {
    const { pump, client, wire } = wired();
    const goaway = frame(TYPE.goaway, 0, 0, Buffer.concat([word(1), word(2)]));
    wire.write(frame(TYPE.ping, 0, 0, Buffer.alloc(8)));
    wire.cork();
    wire.write(goaway);
    wire.write(frame(TYPE.ping, 0, 0, Buffer.alloc(8)));
    wire.uncork();
    wire.write("too late");
    await settleWire(pump);
    assert.lengthOf(client.received, 17 + goaway.length + 17);
    assert.isDefined(client.ended);
  });
});
