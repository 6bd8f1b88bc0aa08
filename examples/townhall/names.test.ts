import { assert, describe, it } from "vitest";
import { nameKey, nameProblem, tidyName } from "./names.ts";

describe("nameProblem()", () => {
  it("allows letters and digits of any script, hyphens and underscores", () => {
    for (const name of ["bob", "7", "jean-luc_2", "Zoë", "小明", "मीरा"]) {
      assert.equal(nameProblem(tidyName(name), 24), undefined, name);
    }
  });

  it("refuses anything else", () => {
    assert.equal(nameProblem("", 24), "empty");
    for (const name of ["two words", "/bob", "-bob", "<bob>", "a\u200db", "\u3164", "😀"]) {
      assert.equal(nameProblem(name, 24), "odd-characters", name);
    }
  });

  it("counts characters, not code units", () => {
    assert.equal(nameProblem("a".repeat(24), 24), undefined);
    assert.equal(nameProblem("𝒜".repeat(24), 24), undefined);
    assert.equal(nameProblem("a".repeat(25), 24), "too-long");
    assert.equal(nameProblem("a".repeat(100_000), 24), "too-long");
  });
});

describe("nameKey()", () => {
  it("is the same for names that a reader takes for the same", () => {
    assert.equal(nameKey("Bob"), nameKey("bOB"));
    assert.equal(nameKey("STRASSE"), nameKey("straße"));
    assert.equal(nameKey("ＢＯＢ"), nameKey("bob"));
    assert.equal(nameKey(tidyName("Zoe\u0308")), nameKey("zoë"));
  });

  it("differs otherwise", () => {
    assert.notEqual(nameKey("bob"), nameKey("rob"));
  });
});
