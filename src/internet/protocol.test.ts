import { assert, describe, it } from "vitest";
import { successResultOf } from "../testing/results.ts";
import { StringTransport } from "../testing/string-transport.ts";
import {
  providesDrain,
  providesHalfClose,
  providesLoggingContext,
  providesTCP,
} from "./interfaces-transport.ts";
import { Protocol } from "./protocol.ts";

class Named extends Protocol {}

describe("Protocol", () => {
  it("makeConnection() sets the transport before connectionMade() is called", () => {
    const seen: unknown[] = [];
    class Curious extends Protocol {
      override connectionMade(): void {
        seen.push(this.transport);
      }
    }
    const transport = new StringTransport();
    new Curious().makeConnection(transport);
    assert.deepEqual(seen, [transport]);
  });

  it("does nothing with what it is told, unless overridden", () => {
    const transport = new StringTransport();
    transport.connect(new Protocol());
    transport.deliver("x");
    transport.deliverEnd();
    assert.equal(transport.value().length, 0);
    assert.equal(transport.end, "closed");
  });

  it("logPrefix() is the name of the class", () => {
    assert.equal(new Named().logPrefix(), "Named");
    assert.equal(new Protocol().logPrefix(), "Protocol");
  });

  it("has no factory until one has made it", () => {
    assert.isUndefined(new Protocol().factory);
  });
});

describe("the transport of a protocol that has none yet", () => {
  it("takes everything and does nothing", () => {
    const { transport } = new Protocol();
    transport.write("x");
    transport.writeSequence(["y", Buffer.from("z")]);
    transport.pauseProducing();
    transport.resumeProducing();
    transport.stopProducing();
    transport.loseWriteConnection();
    transport.loseConnection();
    transport.abortConnection();
    transport.unregisterProducer();
    successResultOf(transport.drained());
    assert.deepEqual(
      [transport.connected, transport.disconnecting, transport.disconnected],
      [false, false, false],
    );
    assert.equal(transport.bufferedBytes, 0);
    assert.isUndefined(transport.protocol);
  });

  it("tells a producer at once that nobody wants anything", () => {
    let stopped = 0;
    new Protocol().transport.registerProducer(
      {
        resumeProducing: () => assert.fail("asked"),
        stopProducing: () => {
          stopped += 1;
        },
      },
      false,
    );
    assert.equal(stopped, 1);
  });

  it("has addresses that say so", () => {
    const { transport } = new Protocol();
    assert.equal(transport.getPeer().toString(), "not connected");
    assert.isTrue(transport.getHost().equals(transport.getPeer()));
  });
});

describe("capabilities of protocols and transports", () => {
  const half = { readConnectionLost(): void {}, writeConnectionLost(): void {} };

  it("are asked by shape, not by class", () => {
    assert.isTrue(providesHalfClose(half));
    assert.isTrue(providesDrain({ drain(): void {} }));
    assert.isTrue(providesLoggingContext({ logPrefix: () => "x" }));
    assert.isTrue(providesLoggingContext(new Protocol()));
    assert.isTrue(providesTCP(new StringTransport()));
  });

  it("need all of their methods, as methods", () => {
    assert.isFalse(providesHalfClose({ readConnectionLost(): void {} }));
    assert.isFalse(providesHalfClose({ ...half, writeConnectionLost: true }));
    assert.isFalse(providesHalfClose(new Protocol()));
    assert.isFalse(providesDrain({ drain: "x" }));
  });

  it("are found on the prototype, and not on what is no object", () => {
    class Closer extends Protocol {
      readConnectionLost(): void {}
      writeConnectionLost(): void {}
    }
    assert.isTrue(providesHalfClose(new Closer()));
    for (const value of [undefined, null, 0, "text", Symbol("s")]) {
      assert.isFalse(providesHalfClose(value));
      assert.isFalse(providesLoggingContext(value));
      assert.isFalse(providesTCP(value));
    }
  });
});
