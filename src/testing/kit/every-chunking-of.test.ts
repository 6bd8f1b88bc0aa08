import { assert, describe, it } from "vitest";
import { AssertionError } from "../../core/assert.ts";
import { Deferred } from "../../defer/deferred.ts";
import { Protocol } from "../../internet/protocol.ts";
import { LineReceiver } from "../../protocols/line-receiver.ts";
import { everyChunkingOf } from "./every-chunking-of.ts";

class Shout extends LineReceiver {
  readonly lines: string[] = [];
  override lineReceived(line: Buffer): void {
    const text = line.toString();
    this.lines.push(text);
    if (text === "bye") this.transport.loseConnection();
    else this.sendLine(text.toUpperCase());
  }
}

/** With a mistake: answers each chunk. */
class Hasty extends Protocol {
  override dataReceived(): void {
    this.transport.write("ok\n");
  }
}

describe("everyChunkingOf()", () => {
  it("passes a protocol that writes, and sees, the same for any cut", () => {
    const tried = everyChunkingOf(() => new Shout(), "one\r\ntwo\r\n", {
      events: ({ lines }) => lines,
    });
    assert.deepEqual(tried, { cuts: 511, isEvery: true });
  });

  it("passes one that closes on the way, and one that pauses", () => {
    everyChunkingOf(() => new Shout(), "bye\r\nno\r\n", { events: ({ lines }) => lines });
    class Pausing extends Shout {
      override lineReceived(line: Buffer): void {
        super.lineReceived(line);
        this.transport.pauseProducing();
      }
    }
    everyChunkingOf(() => new Pausing(), "one\r\n");
  });

  it("fails one that takes a chunk for a message, by what it wrote", () => {
    assert.throws(
      () => everyChunkingOf(() => new Hasty(), "abc"),
      AssertionError,
      /in 2 pieces[^]*"a" \+ "bc"[^]*written: 'ok\\n'[^]*written: 'ok\\nok\\n'/u,
    );
  });

  it("fails one that closes for some cuts, or that saw something else", () => {
    class Closing extends Protocol {
      override dataReceived(data: Buffer): void {
        if (data.length === 1) this.transport.loseConnection();
      }
    }
    assert.throws(() => everyChunkingOf(() => new Closing(), "abc"), "connection: 'closed'");
    class Counting extends Protocol {
      chunks = 0;
      override dataReceived(): void {
        this.chunks += 1;
      }
    }
    const events = ({ chunks }: Counting): number => chunks;
    everyChunkingOf(() => new Counting(), "abc");
    assert.throws(() => everyChunkingOf(() => new Counting(), "abc", { events }), "events: 2");
  });

  it("fails one that throws for some cut, or whose Deferred fails, and tells which error", () => {
    class Broken extends Protocol {
      override dataReceived(data: Buffer): void {
        data.readUInt16BE(0);
      }
    }
    assert.throws(() => everyChunkingOf(() => new Broken(), "abc"), AssertionError, "RangeError");
    class Failing extends Protocol {
      override dataReceived(data: Buffer): void {
        if (data.length < 3) new Deferred().errback(new RangeError("too short"));
      }
    }
    assert.throws(() => everyChunkingOf(() => new Failing(), "abc"), AssertionError, "too short");
  });

  it("throws on what breaks the protocol with the whole bytes", () => {
    class Broken extends Protocol {
      override dataReceived(): void {
        throw new RangeError("always");
      }
    }
    assert.throws(() => everyChunkingOf(() => new Broken(), "abc"), RangeError, "always");
  });
});
