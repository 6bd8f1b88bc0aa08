/**
 * Every kind of reactor keeps the contracts.
 *
 * @module
 */
import { afterAll, describe, it } from "vitest";
import { describeReactor } from "../../src/testing/contracts/describe-reactor.ts";
import { MemoryHarness } from "./memory-harness.ts";
import { closeSilentPorts, NodeHarness } from "./node-harness.ts";

afterAll(closeSilentPorts);

const { get } = Reflect;

/** Finds nothing where a handle tells of connections, and of datagrams that do not leave. */
function getWithoutHandles(target: object, key: PropertyKey): unknown {
  return key === "onconnection" || key === "send" ? undefined : get(target, key);
}

/** As on a platform whose handles are not as we know them: data events, callbacks of sends. */
class DataEventsHarness extends NodeHarness {
  constructor(host: string) {
    super(host);
    Object.defineProperty(Reflect, "get", { value: getWithoutHandles });
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    Object.defineProperty(Reflect, "get", { value: get });
  }
}

const runner = { describe, it };

describeReactor("NodeReactor over IPv4", () => new NodeHarness("127.0.0.1"), runner);
describeReactor("NodeReactor over IPv6", () => new NodeHarness("::1"), runner);
describeReactor("NodeReactor with data events", () => new DataEventsHarness("127.0.0.1"), runner);
describeReactor("MemoryReactor", () => new MemoryHarness(), runner);
