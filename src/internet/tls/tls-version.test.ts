import { assert, describe, expectTypeOf, it } from "vitest";
import type { TLSSettings } from "../interfaces-tls.ts";
import { compareTLSVersions, TLSVersion } from "./tls-version.ts";

describe("TLSVersion", () => {
  it("is a table of the versions that settings have", () => {
    expectTypeOf<(typeof TLSVersion)[keyof typeof TLSVersion]>().toEqualTypeOf<TLSVersion>();
    expectTypeOf<TLSSettings["minimum"]>().toEqualTypeOf<TLSVersion>();
    assert.isFrozen(TLSVersion);
  });

  it("is in order", () => {
    const { TLSv1_0, TLSv1_1, TLSv1_2, TLSv1_3 } = TLSVersion;
    const sorted = [TLSv1_3, TLSv1_1, TLSv1_0, TLSv1_2].toSorted(compareTLSVersions);
    assert.deepEqual(sorted, ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]);
    assert.equal(compareTLSVersions("TLSv1.2", TLSv1_2), 0);
  });

  it("refuses what is no version", () => {
    const compare: Function = compareTLSVersions;
    assert.throws(() => compare("SSLv3", "TLSv1"), TypeError, '"SSLv3"');
  });
});
