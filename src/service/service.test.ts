/**
 * Services: names, parents, and what `running` says.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { MultiService } from "./multi-service.ts";
import { providesService, providesStopBound } from "./interfaces.ts";
import { Service } from "./service.ts";

describe("Service", () => {
  it("running tells whether it was started, any number of times", async () => {
    const service = new Service();
    assert.isFalse(service.running);
    for (let times = 0; times < 2; times += 1) {
      await service.startService();
      assert.isTrue(service.running);
      await service.stopService();
      assert.isFalse(service.running);
    }
  });

  it("running stays false when the start of a subclass fails", async () => {
    class Broken extends Service {
      override async startService(): Promise<void> {
        await Promise.reject(new Error("no power"));
        await super.startService();
      }
    }
    const service = new Broken();
    const failure: unknown = await service.startService().catch((error: unknown) => error);
    assert.instanceOf(failure, Error);
    assert.isFalse(service.running);
  });

  it("setName() is refused while it has a parent", () => {
    const service = new Service();
    service.setName("a");
    const parent = new MultiService();
    void service.setServiceParent(parent);
    assert.strictEqual(service.parent, parent);
    assert.throws(() => service.setName("b"), "Cannot name Service");
    void service.disownServiceParent();
    service.setName("b");
    assert.strictEqual(service.name, "b");
  });

  it("setServiceParent() is refused while it has a parent", () => {
    const service = new Service();
    void service.setServiceParent(new MultiService());
    assert.throws(() => void service.setServiceParent(new MultiService()), "it has one");
  });

  it("disownServiceParent() is refused without one", () => {
    assert.throws(() => void new Service().disownServiceParent(), "it has none");
  });

  it("[Symbol.asyncDispose]() stops it", async () => {
    const service = new Service();
    {
      await using scoped = service;
      await scoped.startService();
    }
    assert.isFalse(service.running);
  });

  it("toString() says class, name and state", () => {
    const service = new Service();
    service.setName("left");
    assert.strictEqual(String(service), 'Service("left", not running)');
  });
});

describe("providesService()", () => {
  it("asks for the methods", () => {
    assert.isTrue(providesService(new Service()));
    assert.isTrue(providesService(new MultiService()));
    for (const other of [undefined, null, 1, {}, Service, { startService() {} }]) {
      assert.isFalse(providesService(other));
    }
  });
});

describe("providesStopBound()", () => {
  it("asks for a number of seconds", () => {
    assert.isTrue(providesStopBound(new MultiService()));
    assert.isFalse(providesStopBound(new Service()));
  });
});
