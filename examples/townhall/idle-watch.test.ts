import { assert, describe, it } from "vitest";
import { IdleWatch } from "./idle-watch.ts";

describe("IdleWatch", () => {
  it("expire() warns once, then ends", () => {
    const watch = new IdleWatch({ idleTimeout: 600, idleWarning: 60 }, 0);
    assert.equal(watch.deadline, 540);
    assert.equal(watch.expire(539), undefined);
    assert.equal(watch.expire(540), "warn");
    assert.equal(watch.deadline, 600);
    assert.equal(watch.expire(599), undefined);
    assert.equal(watch.expire(600), "end");
  });

  it("heard() begins from the start, the warning too", () => {
    const watch = new IdleWatch({ idleTimeout: 600, idleWarning: 60 }, 0);
    watch.expire(540);
    watch.heard(550);
    assert.equal(watch.deadline, 1090);
    assert.equal(watch.expire(1090), "warn");
  });

  it("expire() ends at once what is long overdue", () => {
    const watch = new IdleWatch({ idleTimeout: 600, idleWarning: 60 }, 0);
    assert.equal(watch.expire(1000), "end");
  });

  it("expire() warns nobody when there is no time for it", () => {
    for (const idleWarning of [0, 600, 700]) {
      const watch = new IdleWatch({ idleTimeout: 600, idleWarning }, 0);
      assert.equal(watch.deadline, 600);
      assert.equal(watch.expire(600), "end");
    }
  });
});
