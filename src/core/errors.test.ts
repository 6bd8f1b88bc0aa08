import { readdirSync, readFileSync } from "node:fs";
import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { assert as check, AssertionError } from "./assert.ts";
import { LocalProtocolError, RemoteProtocolError, SennitError } from "./errors.ts";
import { INSPECT } from "./inspect.ts";

/** How a class declares its code. */
const CODE = /(?<=\breadonly code(: [^=]+)? = )"ERR_[A-Z0-9_]+"/gu;

class WrongMoment extends LocalProtocolError {
  readonly code = "ERR_WRONG_MOMENT";
}
class WrongPeer extends RemoteProtocolError {
  readonly code = "ERR_WRONG_PEER";
}

describe("SennitError", () => {
  it("is named by its class: in `name`, in toString() and in the stack", () => {
    const error = new WrongMoment("Cannot do that now");
    assert.equal(error.name, "WrongMoment");
    assert.equal(String(error), "WrongMoment: Cannot do that now");
    assert.match(error.stack ?? "", /^WrongMoment: Cannot do that now\n/u);
    assert.match(inspect(error), /WrongMoment: Cannot do that now/u);
  });

  it("keeps its kinds apart, and its cause", () => {
    const cause = new Error("root");
    const error = new WrongPeer("x", { cause });
    const kinds = [Error, SennitError, RemoteProtocolError, LocalProtocolError];
    assert.deepEqual(
      kinds.map((kind) => error instanceof kind),
      [true, true, true, false],
    );
    assert.equal(error.cause, cause);
  });

  it("has a `name` that is not among the fields a log shows", () => {
    assert.deepEqual(Object.keys(new WrongMoment("x")), ["code"]);
  });
});

it("no two classes of the whole package have the same code", () => {
  const src = new URL("../", import.meta.url);
  const codes = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .flatMap((name) => readFileSync(new URL(name, src), "utf8").match(CODE) ?? []);
  assert.isAbove(codes.length, 30);
  const twice = codes.filter((code, at) => codes.indexOf(code) !== at);
  assert.deepEqual(twice, []);
});

describe("assert()", () => {
  it("throws unless the condition holds", () => {
    check(true, "fine");
    assert.throws(() => check(false, "a bug"), AssertionError, "a bug");
  });

  it("throws what is no SennitError, so that nobody who catches those hides a bug", () => {
    const error = new AssertionError("x");
    assert.isFalse(error instanceof SennitError);
    assert.equal(error.name, "AssertionError");
    assert.equal(error.code, "ERR_ASSERTION");
  });
});

it("INSPECT is what util.inspect() calls", () => {
  const custom: symbol = inspect.custom;
  assert.equal(INSPECT, custom);
});
