/**
 * Limits of HTTP/2, given and by default.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { completeLimits } from "../http/wire/limits.ts";
import { Site } from "../server/site.ts";
import { completeHTTP2Limits, type HTTP2Limits, sessionOptions } from "./limits.ts";

describe("completeHTTP2Limits()", () => {
  it("takes what is given, and the defaults for the others", () => {
    assert.deepEqual(completeHTTP2Limits({ maxResets: 0 }), {
      maxConcurrentStreams: 100,
      maxResets: 0,
      streamWindowBytes: 262_144,
      connectionWindowBytes: 1_048_576,
    });
  });

  it.each<[HTTP2Limits]>([
    [{ maxConcurrentStreams: 0 }],
    [{ maxConcurrentStreams: 1.5 }],
    [{ maxConcurrentStreams: Number.NaN }],
    [{ maxResets: -1 }],
    [{ streamWindowBytes: 2 ** 31 }],
    [{ connectionWindowBytes: 65_534 }],
  ])("refuses %j, when the site is made", (http2) => {
    const name = Object.keys(http2).join("");
    assert.throws(
      () => new Site(() => "", { reactor: new MemoryReactor(), http2 }),
      RangeError,
      name,
    );
  });
});

describe("sessionOptions()", () => {
  it("is within what node:http2 takes, whatever the limits are", () => {
    const limits = completeLimits({ maxFields: Infinity, maxHeadBytes: Infinity });
    const options = sessionOptions(limits, completeHTTP2Limits({}));
    assert.equal(options.maxHeaderListPairs, 2 ** 31 - 1);
    assert.equal(options.settings?.maxHeaderListSize, 2 ** 31 - 1);
  });
});
