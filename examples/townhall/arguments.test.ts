import { assert, describe, it } from "vitest";
import { readArguments } from "./arguments.ts";

describe("readArguments()", () => {
  it("listens on this machine alone unless told otherwise", () => {
    assert.deepEqual(readArguments([]), { endpoint: "tcp:8023:interface=127.0.0.1", options: {} });
    assert.equal(readArguments(["tcp:0"]).endpoint, "tcp:0");
  });

  it("reads options behind the endpoint", () => {
    const { options } = readArguments(["tcp:0", "idleTimeout=1.5", "firstRoom=foyer"]);
    assert.deepEqual(options, { idleTimeout: 1.5, firstRoom: "foyer" });
  });

  it("refuses what is no option", () => {
    for (const argument of ["idleTimeout", "idleTimeout=", "noise=1", "constructor=1", "=1"]) {
      assert.throws(() => readArguments(["tcp:0", argument]), RangeError, "expected NAME=VALUE");
    }
  });
});
