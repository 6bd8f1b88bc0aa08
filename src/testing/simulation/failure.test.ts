import nodeAssert from "node:assert/strict";
import { assert, describe, it } from "vitest";
import { failureOf, SimulationFailure } from "./failure.ts";

function thrownBy(f: () => void): SimulationFailure {
  try {
    f();
  } catch (error) {
    return failureOf(error, undefined);
  }
  throw new Error("nothing was thrown");
}

function logged(cause: Error): SimulationFailure {
  return new SimulationFailure({
    kind: "logged",
    property: "no errors are logged",
    message: "Echo: error in dataReceived; the connection is dropped\nTraceback",
    cause,
  });
}

describe("SimulationFailure.signature", () => {
  it("is the same whatever the numbers", () => {
    const [one, other] = [1, 2].map((count) => failureOf(new Error(`lost ${String(count)}`), "a"));
    assert.equal(one?.signature, other?.signature);
  });

  it("tells errors apart that were logged in the same words", () => {
    const { signature } = logged(new TypeError("no name"));
    assert.notEqual(logged(new RangeError("no name")).signature, signature);
    assert.notEqual(logged(new TypeError("no place")).signature, signature);
    assert.equal(logged(new TypeError("no name")).signature, signature);
  });

  it("tells assertions apart by where they stand", () => {
    const check = (one: number): void => nodeAssert.equal(one, 1);
    const one = thrownBy(() => check(2));
    const other = thrownBy(() => nodeAssert.equal(2, 1));
    assert.equal(thrownBy(() => check(3)).signature, one.signature);
    assert.notEqual(other.signature, one.signature);
  });
});
