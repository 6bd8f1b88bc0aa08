/**
 * Simulated files keep the contracts of files, however long each operation takes.
 *
 * @module
 */
import { describe, it } from "vitest";
import { MemoryHarness } from "../../../../test/conformance/memory-harness.ts";
import type { Capability } from "../../../internet/capabilities.ts";
import { IReactorFiles } from "../../../internet/interfaces-files.ts";
import { describeReactor } from "../../../testing/contracts/describe-reactor.ts";
import type { TestRunner } from "../../../testing/contracts/harness.ts";
import { MemoryReactor } from "../../memory/memory-reactor.ts";
import { Choices } from "../choices.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { SimulatedFiles } from "./simulated-files.ts";

class FilesReactor extends MemoryReactor implements IReactorFiles {
  readonly disk = new SimulatedDisk({
    choices: new Choices({ seed: 1 }).stream("disk"),
    wallClock: () => this.wallClock(),
  });

  readonly files = new SimulatedFiles({
    disk: this.disk,
    latency: () => this.random() / 100,
    later: (seconds, f) => {
      this.callLater(seconds, f);
    },
  });

  protected override capabilities(): readonly Capability<unknown>[] {
    return [...super.capabilities(), IReactorFiles];
  }
}

class FilesHarness extends MemoryHarness {
  override readonly reactor = new FilesReactor();
  #directories = 0;

  directory(): string {
    this.#directories += 1;
    const path = `/tmp/${String(this.#directories)}`;
    this.reactor.disk.makeDirectories(path);
    return path;
  }
}

/** The contracts of files alone. */
const topics: string[] = [];
const ofFiles: TestRunner = {
  describe: (name, body) => {
    topics.push(name);
    body();
    topics.pop();
  },
  it: (title, body) => {
    if (topics.at(-1) === "files") it(title, body);
  },
};

describe("SimulatedFiles keep the contract:", () => {
  describeReactor("SimulatedFiles", () => new FilesHarness(), ofFiles);
});
