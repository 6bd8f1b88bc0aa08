import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import express from "express";
import { Hono } from "hono";
import { assert, describe, it } from "vitest";
import { readAnswer, visit, type Visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { head, until } from "../../../test/fixtures/web/mounted-visit.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import type { IResource } from "../server/resource-interface.ts";
import { Site } from "../server/site.ts";
import { FetchResource } from "./fetch-resource.ts";
import { toFetchHandler } from "./fetch-handler.ts";
import { toNodeHandler } from "./node-handler.ts";
import { NodeResource } from "./node-resource.ts";

// Goal: nothing of a request is kept when it is over, while its connection and the app live on.
// Method: keep weak references to what the app has seen, collect, and see whether they are empty.

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

type Keep = (...seen: readonly object[]) => void;

const PLACES: Record<string, (keep: Keep) => IResource> = {
  "FetchResource, with Hono": (keep) => {
    const app = new Hono();
    app.put("/x", async (c) => {
      keep(c.req.raw, c.req.raw.signal, c);
      return c.text(await c.req.text());
    });
    return new FetchResource(app);
  },
  "NodeResource, with Express": (keep) => {
    const app = express();
    app.put("/x", (request, response) => {
      keep(request, response, request.socket);
      request.pipe(response);
    });
    return new NodeResource(app);
  },
  "toFetchHandler()": (keep) =>
    new FetchResource(
      toFetchHandler(
        new Site((request) => (keep(request, request.channel), request.content.text()), {
          reactor: new MemoryReactor(),
        }),
      ),
    ),
  "toNodeHandler()": (keep) =>
    new NodeResource(
      toNodeHandler(
        new Site((request) => (keep(request, request.channel), request.content.text()), {
          reactor: new MemoryReactor(),
        }),
      ),
    ),
};

async function use(at: Visit, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    at.client.received = "";
    at.send(`${head("PUT /x", "Content-Length: 5")}hello`);
    await until(at, () => readAnswer(at.client.received).body === "hello");
  }
  await at.settle();
}

describe("A request that is over leaves nothing behind:", () => {
  for (const [name, place] of Object.entries(PLACES)) {
    it(name, async () => {
      const seen: WeakRef<object>[] = [];
      const at = visit(place((...some) => seen.push(...some.map((one) => new WeakRef(one)))));
      await use(at, 20);
      const left = (): number => seen.filter((one) => one.deref() !== undefined).length;
      // The last one may still be on somebody's stack.
      const most = seen.length / 20;
      for (let round = 0; round < 10 && left() > most; round += 1) {
        await nextTurn();
        gc();
      }
      assert.isAtLeast(seen.length, 40);
      assert.isAtMost(left(), most);
      assert.isUndefined(at.client.ended);
    });
  }
});
