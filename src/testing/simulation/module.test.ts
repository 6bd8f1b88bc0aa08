import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, describe, it } from "vitest";
import { explore } from "./explore.ts";
import { loadScenario } from "./load-scenario.ts";
import { simulation, whyNotOurs } from "./module.ts";
import { ScenarioModuleError } from "./scenario-module-error.ts";

const MADE_BY = Symbol.for("sennit.simulation");

describe("a scenario of another copy of this package", () => {
  const ours = simulation("nothing happens", () => undefined);
  const theirs = { ...ours, [MADE_BY]: "file:///elsewhere/dist/" };

  it("is refused by explore(), and both copies are named", async () => {
    assert.isTrue((await explore(ours, { seeds: 1 })).ok);
    // What somebody made of a definition is as good.
    assert.isUndefined(whyNotOurs({ ...ours, name: "another name" }));
    const error: unknown = await explore(theirs, { seeds: 1 }).catch((reason: unknown) => reason);
    assert.instanceOf(error, TypeError);
    assert.match(
      String(error),
      /^TypeError: Cannot explore "nothing happens": it uses another copy/u,
    );
    assert.match(String(error), / in \/elsewhere\/dist\/, and this one is in .*\/src\/$/u);
  });

  it("is refused by those who load its file", async () => {
    const made = JSON.stringify("file:///elsewhere/dist/");
    const text = `export default {
      name: "x", scenario() {}, options: {}, [Symbol.for("sennit.simulation")]: ${made} };`;
    const folder = mkdtempSync(join(tmpdir(), "sennit-sim-"));
    try {
      writeFileSync(join(folder, "x.sim.mjs"), text);
      const error: unknown = await loadScenario("x.sim.mjs", folder).catch((one: unknown) => one);
      assert.instanceOf(error, ScenarioModuleError);
      assert.match(String(error), /Cannot simulate "x\.sim\.mjs": it uses another copy of sennit/u);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
