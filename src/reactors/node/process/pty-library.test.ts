import nodePty from "@lydell/node-pty";
import { assert, describe, it } from "vitest";
import { OptionalPackageError } from "../../../core/optional-package.ts";
import { ProcessFeatureError } from "../../../internet/process-errors.ts";
import { spawnOrder } from "../../base/spawn-order.ts";
import { openPTY, ptyLibrary } from "./pty-library.ts";

const SIZE = { columns: 80, rows: 24 };

describe("ptyLibrary()", () => {
  it("loads the package when it is there", () => {
    assert.equal(ptyLibrary(), nodePty);
  });

  it("loads @lydell/node-pty, or node-pty in its place", () => {
    const library = {};
    const asked: string[] = [];
    const either = (wanted: string) => (name: string) => {
      asked.push(name);
      if (name === wanted) return library;
      throw new Error(`Cannot find module '${name}'`);
    };
    assert.equal(ptyLibrary(either("@lydell/node-pty")), library);
    assert.equal(ptyLibrary(either("node-pty")), library);
    assert.deepEqual(asked, ["@lydell/node-pty", "@lydell/node-pty", "node-pty"]);
  });

  it("without either says what to install, and why the first could not be loaded", () => {
    const load = (name: string): never => {
      throw new Error(`no ${name}`);
    };
    try {
      ptyLibrary(load);
      assert.fail("it was loaded");
    } catch (error) {
      assert.instanceOf(error, OptionalPackageError);
      assert.equal(error.command, "npm install @lydell/node-pty");
      assert.include(error.message, "Cannot open a pseudo-terminal");
      assert.equal(String(error.cause), "Error: no @lydell/node-pty");
    }
  });
});

describe("openPTY()", () => {
  for (const [missing, pty] of [
    ["spawn", undefined],
    ["pid", {}],
    ["fd", { pid: 1 }],
    ["ptsName", { pid: 1, fd: 1 }],
    ["_emittedClose", { pid: 1, fd: 1, ptsName: "/dev/pts/1" }],
  ] as const) {
    it(`refuses a package without ${missing}`, () => {
      const library = pty === undefined ? {} : { spawn: () => pty };
      const open = (): unknown => openPTY(library, spawnOrder("sh", {}), SIZE);
      assert.throws(open, ProcessFeatureError, `found something without ${missing}`);
    });
  }
});
