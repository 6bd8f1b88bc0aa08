/**
 * The service among the exports of a module.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { succeed } from "../defer/combinators.ts";
import { Logger } from "../logger/logger.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { Service } from "../service/service.ts";
import { pickService } from "./_pick-service.ts";
import { ServiceModuleError } from "./errors.ts";
import type { ServiceContext } from "./service-module.ts";

const context: ServiceContext = {
  reactor: new MemoryReactor(),
  args: ["a"],
  log: new Logger({ namespace: "test" }),
};

async function messageOf(exports: unknown): Promise<string> {
  try {
    await pickService(exports, context, "app.ts");
  } catch (error) {
    if (error instanceof ServiceModuleError) return error.message;
    throw error;
  }
  throw new Error("Expected a ServiceModuleError");
}

describe("pickService()", () => {
  it("takes a service, or what a function makes, from default or service", async () => {
    const service = new Service();
    const exported: readonly unknown[] = [
      { default: service },
      { service },
      { default: { version: 1 }, service },
      { default: () => service },
      { service: async () => service },
      { default: () => succeed(service) },
      { default: { default: service } },
      { default: { service: () => service } },
    ];
    for (const exports of exported) {
      assert.strictEqual(await pickService(exports, context, "app.ts"), service);
    }
  });

  it("hands the context over", async () => {
    const seen: unknown[] = [];
    const maker = (given: unknown): Service => {
      seen.push(given);
      return new Service();
    };
    await pickService({ default: maker }, context, "app.ts");
    assert.deepEqual(seen, [context]);
  });

  it("says what it got instead", async () => {
    const expected =
      'Cannot run "app.ts": expected its default export, or an export named service, to be a ' +
      "service or a function that makes one, got ";
    assert.strictEqual(await messageOf({}), `${expected}neither`);
    assert.strictEqual(await messageOf({ default: 8 }), `${expected}8`);
    assert.strictEqual(
      await messageOf({ default: {}, service: "x" }),
      `${expected}another object and "x"`,
    );
    assert.strictEqual(await messageOf({ default: Service }), `${expected}a class`);
  });

  it("says what the function made instead", async () => {
    const expected =
      'Cannot run "app.ts": expected the function it exports to return a service, got ';
    assert.strictEqual(await messageOf({ default: () => undefined }), `${expected}undefined`);
    assert.strictEqual(await messageOf({ default: async () => ({}) }), `${expected}another object`);
  });
});
