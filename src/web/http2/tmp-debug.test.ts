import { it } from "vitest";
import { turn, visitHTTP2 } from "../../../test/fixtures/web/in-memory-http2.ts";
it("x", async () => {
    const at = visitHTTP2(() => Buffer.alloc(200_000, "x"), {
      settings: { initialWindowSize: 2 ** 20 },
      chunkBytes: 10_000,
    });
    at.session.setLocalWindowSize(2 ** 24);
    await at.settle();
    const channel: any = at.pump.server.protocol;
    console.log(channel?.constructor?.name);
    const asked = Array.from({ length: 20 }, () => at.begin({ ":path": "/" }).read());
    const sum = () => asked.reduce((s, one) => s + one.body.length, 0);
    for (let n = 0; n < 30; n += 1) {
      for (let step = 0; step < 10; step += 1) {
        at.pump.client.resumeProducing();
        for (let event = 0; event < 4; event += 1) at.pump.pump();
        at.pump.client.pauseProducing();
        await turn();
      }
      at.pump.advance(10);
      console.log(n, at.reactor.seconds(), sum(), (at.pump.server as any).bufferedBytes, at.pump.server.reading, at.pump.client.reading, at.pump.client.bufferedBytes);
      if (n === 17) {
        console.log(at.session.state);
        for (let k = 0; k < 5; k += 1) { at.pump.client.resumeProducing(); console.log("resume", at.pump.client.reading); at.pump.flush(); await turn(); console.log("after", sum(), at.pump.client.reading); }
        await at.settle();
        console.log("settled", sum(), (at.session as any)[Object.getOwnPropertySymbols(at.session).find((s) => String(s).includes("socket"))!]?.readableLength);
      }
    }
});
