/**
 * Many connections and much data, against servers on a Node reactor in processes of their own.
 *
 * @module
 */
import { createConnection } from "node:net";
import { assert, describe, it } from "vitest";
import { start } from "./fixtures/lines/running.ts";
import { ask, connectAndAsk, fixture, startServer } from "./fixtures/node/plain-echo.ts";

const MIB = 1 << 20;

it("1,000 connections live on when the port is closed", async (context) => {
  const args = [fixture("echo-server.mjs")];
  const { server, port } = await startServer(context, process.execPath, args);
  const all = Array.from({ length: 1000 }, () => connectAndAsk(context, port));
  const asked = await Promise.all(all);
  assert.equal(asked.filter((one) => one.answer === "ping\n").length, 1000);
  // Closed in the middle of what the others say.
  const answers = asked.map(({ socket }, at) => {
    return ask(socket, at === 500 ? "close the port\n" : `${String(at)}\n`);
  });
  assert.deepEqual(
    await Promise.all(answers),
    asked.map((_, at) => (at === 500 ? "closed\n" : `${String(at)}\n`)),
  );
  assert.equal((await connectAndAsk(context, port)).answer, "closed");
  const again = await Promise.all(asked.map(({ socket }) => ask(socket, "again\n")));
  assert.equal(again.filter((one) => one === "again\n").length, 1000);
  server.signal("SIGTERM");
  assert.deepEqual(await server.exit(), { code: 0, signal: null });
  assert.equal(server.stderr, "");
});

describe("1 GiB to a reader that does not read for a while", () => {
  for (const way of ["producer", "drained"]) {
    it(`${way}: all arrives, and memory stays bounded`, async (context) => {
      const args = [fixture("faucet.mjs"), way];
      const { server, port } = await startServer(context, process.execPath, args);
      let bytes = 0;
      let others = 0;
      const socket = createConnection({ host: "127.0.0.1", port });
      context.onTestFinished(() => {
        socket.destroy();
      });
      socket.pause();
      await server.out(/^held up$/mu);
      const ended = new Promise((resolve) => {
        socket.on("data", (data: Buffer) => {
          bytes += data.length;
          if (data[0] === 0) others += 1;
        });
        socket.once("close", resolve);
      });
      socket.resume();
      await ended;
      assert.deepEqual([bytes, others], [2 ** 30, 0]);
      const [, code, grown] = await server.out(/^(\w+) grown by (\d+)$/mu);
      assert.equal(code, "ERR_CONNECTION_DONE");
      assert.isBelow(Number(grown), 64 * MIB);
    });
  }
});

it("no way to end a connection leaves a descriptor behind", {
  timeout: 60_000,
}, async (context) => {
  const endings = start(context, process.execPath, [fixture("endings.mjs")]);
  const left: string[] = [];
  for (let line = await endings.line(); line !== "done"; line = await endings.line()) {
    if (!line.endsWith(": 0 left")) left.push(line);
  }
  assert.deepEqual(left, []);
});
