/**
 * Reactors keep the contracts over UNIX sockets as well.
 *
 * @module
 */
import { describe, it } from "vitest";
import { describeReactor } from "../../src/testing/contracts/describe-reactor.ts";
import { MemoryUNIXHarness } from "./memory-harness.ts";
import { UNIXHarness } from "./node-harness.ts";

const runner = { describe, it };

describeReactor("NodeReactor over UNIX sockets", () => new UNIXHarness(), runner);
describeReactor("MemoryReactor over UNIX sockets", () => new MemoryUNIXHarness(), runner);
