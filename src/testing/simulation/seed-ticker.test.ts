import { assert, it } from "vitest";
import { closeTicker, openTicker, readTick, writeTick } from "./seed-ticker.ts";

it("a ticker tells the seed that was begun last, as large as seeds are", () => {
  const ticker = openTicker();
  assert.deepEqual(readTick(ticker), { count: 0, seed: 0 });
  writeTick(ticker, { count: 1, seed: 7 });
  writeTick(ticker, { count: 2, seed: Number.MAX_SAFE_INTEGER });
  assert.deepEqual(readTick(ticker), { count: 2, seed: Number.MAX_SAFE_INTEGER });
  closeTicker(ticker);
});
