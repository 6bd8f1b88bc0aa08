import { resolve } from "node:path";
import { assert, describe, it } from "vitest";
import { isExact, systemName, UNIXNameError } from "./unix-system-name.ts";

const isLinux = process.platform === "linux";
const PATH_BYTES_MAX = isLinux ? 107 : 103;

describe("systemName() of a path", () => {
  it("is absolute, so that it is the same from everywhere", () => {
    assert.equal(systemName("/run/app.sock"), "/run/app.sock");
    assert.equal(systemName("app.sock"), resolve("app.sock"));
    assert.equal(systemName("8080"), resolve("8080"));
    assert.equal(systemName("/run/../tmp/app.sock"), "/tmp/app.sock");
  });

  it("is refused beyond what fits, counted in bytes", () => {
    const longest = `/${"x".repeat(PATH_BYTES_MAX - 1)}`;
    assert.equal(systemName(longest), longest);
    const problem = `at most ${String(PATH_BYTES_MAX)} bytes, got ${String(PATH_BYTES_MAX + 1)}`;
    assert.throws(() => systemName(`${longest}x`), UNIXNameError, problem);
    const umlauts = `/${"ü".repeat(PATH_BYTES_MAX / 2)}`;
    assert.isBelow(umlauts.length, PATH_BYTES_MAX);
    assert.throws(() => systemName(`${umlauts}ü`), UNIXNameError);
  });

  it("stays relative where only that fits", () => {
    const name = "x".repeat(PATH_BYTES_MAX);
    assert.isAbove(resolve(name).length, PATH_BYTES_MAX);
    assert.equal(systemName(name), name);
  });
});

describe.runIf(isLinux)("systemName() of an abstract name", () => {
  it("is itself where it fills the field", () => {
    const name = "\0".padEnd(108, "x");
    assert.equal(systemName(name), name);
    assert.throws(() => systemName(`${name}x`), UNIXNameError, "at most 108 bytes, got 109");
  });

  it("is itself, or refused where Node would fill it up", () => {
    if (isExact(process.versions.uv)) assert.equal(systemName("\0app"), "\0app");
    else assert.throws(() => systemName("\0app"), UNIXNameError, "fills it up with NULs");
  });
});

describe("isExact()", () => {
  it("is said of libuv 1.48 and later", () => {
    const versions = ["1.44.2", "1.46.0", "1.48.0", "1.52.1", "2.0.0", "0.10.1"];
    assert.deepEqual(versions.map(isExact), [false, false, true, true, true, false]);
  });
});
