import { assert, describe, it } from "vitest";
import { UNIXAddress } from "./addresses.ts";
import { CannotListenError } from "./errors.ts";
import { checkedMode, checkedUNIXName, isAbstract } from "./unix-names.ts";

describe("checkedUNIXName()", () => {
  it("lets paths and abstract names pass", () => {
    for (const name of ["/run/a.sock", "a", "./8080", "\0a", "\0a\0b", "\0", "é"]) {
      assert.equal(checkedUNIXName(name), name);
    }
  });

  it("refuses nothing at all, and a path with a NUL in it", () => {
    for (const name of ["", "/run/a\0b", "a\0"]) {
      assert.throws(() => checkedUNIXName(name), RangeError, `UNIX socket ${JSON.stringify(name)}`);
    }
  });
});

describe("isAbstract()", () => {
  it("is said of names that begin with a NUL", () => {
    assert.deepEqual(["\0a", "\0", "a", "@a", ""].map(isAbstract), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("checkedMode()", () => {
  it("lets permissions pass, and nothing else", () => {
    for (const mode of [0, 0o600, 0o666, 0o777]) assert.equal(checkedMode(mode), mode);
    for (const mode of [-1, 0o1000, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => checkedMode(mode), RangeError, "expected 0 to 0o777");
    }
  });
});

describe("abstract names", () => {
  it("are shown with an @, as ss(8) does, in addresses and errors", () => {
    assert.equal(new UNIXAddress("\0a\0b").toString(), "@a@b");
    const { message } = new CannotListenError("", "\0a", new Error("taken: \0a"));
    assert.equal(message, "Cannot listen on @a: taken: @a");
  });

  it("of UNIX sockets need no interface in an error", () => {
    const { message } = new CannotListenError("", "/run/a.sock", new Error("taken"));
    assert.equal(message, "Cannot listen on /run/a.sock: taken");
  });
});
