import { assert, describe, it } from "vitest";
import { readArguments } from "./arguments.ts";

describe("readArguments()", () => {
  it("listens on this machine alone unless told otherwise", () => {
    assert.deepEqual(readArguments([]), {
      endpoint: "tcp:8023:interface=127.0.0.1",
      web: "tcp:8080:interface=127.0.0.1",
      options: {},
    });
    assert.equal(readArguments(["tcp:0"]).endpoint, "tcp:0");
  });

  it("has no page when it is told where to listen and not where for the page", () => {
    assert.isUndefined(readArguments(["tcp:0"]).web);
    const { web, options } = readArguments(["tcp:0", "web=tcp:0:interface=::1", "peopleMax=2"]);
    assert.equal(web, "tcp:0:interface=::1");
    assert.deepEqual(options, { peopleMax: 2 });
  });

  it("reads options behind the endpoint", () => {
    const { options } = readArguments(["tcp:0", "idleTimeout=1.5", "firstRoom=foyer"]);
    assert.deepEqual(options, { idleTimeout: 1.5, firstRoom: "foyer" });
  });

  it("refuses what is no option", () => {
    for (const argument of [
      "idleTimeout",
      "idleTimeout=",
      "web=",
      "noise=1",
      "constructor=1",
      "=1",
    ]) {
      assert.throws(() => readArguments(["tcp:0", argument]), RangeError, "expected NAME=VALUE");
    }
  });
});
