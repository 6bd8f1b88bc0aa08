/** A transport as a stream, and that stream as a transport again. */
import { setImmediate as nextPass } from "node:timers/promises";
import * as fc from "fast-check";
import { assert, it } from "vitest";
import { allowNoErrors } from "../../../test/streams/scene.ts";
import { ConnectionDone } from "../../internet/errors.ts";
import { StreamProtocol } from "../../streams/stream-protocol.ts";
import { connect } from "../../testing/connect.ts";
import { HalfCloseWitness } from "../../testing/contracts/witness.ts";
import { connectStream } from "./connect-stream.ts";

allowNoErrors();

it("transport to duplex to transport: any cuts and pauses give the same bytes", async () => {
  const sizes = fc.array(fc.oneof(fc.nat(3), fc.nat(200_000)), { maxLength: 8 });
  const chunkBytes = fc.integer({ min: 100, max: 200_000 });
  const pauses = fc.array(fc.nat(4), { minLength: 1, maxLength: 6 });
  const property = fc.asyncProperty(sizes, chunkBytes, pauses, async (lengths, cut, rhythm) => {
    const stream = new StreamProtocol();
    const client = new HalfCloseWitness();
    const { reactor } = connect(client, stream, { chunkBytes: cut });
    let pieces = 0;
    const echo = new HalfCloseWitness({
      data: (one, data) => {
        one.write(data);
        const pause = rhythm[pieces % rhythm.length] ?? 0;
        pieces += 1;
        if (pause === 0) return;
        one.transport.pauseProducing();
        reactor.callLater(pause, () => one.transport.resumeProducing());
      },
      readLost: (one) => one.transport.loseWriteConnection(),
    });
    const parts = { protocol: echo, options: { peer: "the other side" } };
    connectStream(reactor, stream.duplex, parts);
    const sent = lengths.map((length, at) => Buffer.alloc(length, `${String(at)} `));
    for (const piece of sent) client.write(piece);
    client.loseWrite();
    for (let step = 0; client.reason === undefined || echo.reason === undefined; step += 1) {
      assert.isBelow(step, 10_000, "no end");
      reactor.advance(1);
      await nextPass();
    }
    assert.isTrue(Buffer.concat(client.pieces).equals(Buffer.concat(sent)), "the same bytes");
    assert.instanceOf(client.reason?.value, ConnectionDone);
    assert.instanceOf(echo.reason?.value, ConnectionDone);
    assert.deepEqual([...client.violations, ...echo.violations], []);
  });
  await fc.assert(property, { numRuns: 100 });
});
