/**
 * What a simulated disk keeps and loses.
 *
 * @module
 */
import { posix } from "node:path";
import { assert, describe, it } from "vitest";
import {
  codeOf,
  machine,
  outcomes,
  SEEDS,
  textOf,
} from "../../../../test/fixtures/simulated-disk.ts";
import { Choices } from "../choices.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { SimulatedFiles } from "./simulated-files.ts";

describe("SimulatedDisk when its program is killed", () => {
  it("keeps everything, also what was never synced", async () => {
    const { disk, boot } = machine(7);
    const files = boot();
    await files.makeDirectory("/d");
    await files.writeFile("/d/a", "written");
    await files.writeFile("/d/b", "renamed");
    await files.rename("/d/b", "/d/c");
    disk.crash("kill");
    assert.deepEqual(await boot().list("/d"), ["a", "c"]);
    assert.deepEqual([disk.text("/d/a"), disk.text("/d/c")], ["written", "renamed"]);
  });

  it("closes its files, and frees those without a name", async () => {
    const { disk, boot } = machine();
    const files = boot();
    const file = await files.open("/a", "create");
    await file.write("12345", 0);
    await files.remove("/a");
    assert.deepEqual([disk.used, disk.openFiles], [5, ["/a"]]);
    disk.crash("kill");
    assert.deepEqual([disk.used, disk.openFiles], [0, []]);
  });

  it("does nothing for it any more, and never answers", async () => {
    const choices = new Choices({ seed: 0 }).stream("disk");
    const disk = new SimulatedDisk({ choices });
    const waiting: (() => void)[] = [];
    const later = (_seconds: number, f: () => void): void => void waiting.push(f);
    const files = new SimulatedFiles({ disk, latency: () => 1, later });
    const answers: unknown[] = [];
    void files.writeFile("/a", "late").finally(() => answers.push("written"));
    disk.crash("kill");
    void files.facts("/").finally(() => answers.push("facts"));
    for (const f of waiting) f();
    await Promise.resolve();
    assert.deepEqual([answers, disk.has("/a"), waiting.length], [[], false, 2]);
  });

  it("still loses what was not synced when the power goes later", async () => {
    const seen = await outcomes(async (files, disk) => {
      disk.write("/a", "old");
      await files.writeFile("/a", "new");
      disk.crash("kill");
    }, textOf("/a"));
    assert.deepEqual(seen, ["", "\0\0\0", "new", "old"]);
  });
});

describe("SimulatedDisk when power is lost", () => {
  it("keeps everything when all choices are benign", async () => {
    const { disk, boot } = machine();
    const files = boot();
    await files.makeDirectory("/d/e", { recursive: true });
    await files.writeFile("/d/e/a", "x".repeat(2000));
    await files.writeFile("/d/e/a", "y".repeat(1000));
    await files.rename("/d/e/a", "/b");
    await files.remove("/d/e");
    disk.crash("power");
    assert.deepEqual([disk.text("/b"), disk.has("/d/e")], ["y".repeat(1000), false]);
    assert.equal(disk.used, 1000);
  });

  it("keeps what was synced under a name that was synced", async () => {
    const seen = await outcomes(async (files) => {
      await using file = await files.open("/a", "create");
      await file.write("x".repeat(1500), 0);
      await file.write("y".repeat(1500), 700);
      await file.truncate(2000);
      await file.sync();
      await files.syncDirectory("/");
    }, textOf("/a"));
    assert.deepEqual(seen, ["x".repeat(700) + "y".repeat(1300)]);
  });

  it("keeps, of what overwrites sectors, any of them", async () => {
    const seen = await outcomes(
      async (files, disk) => {
        disk.write("/a", "-".repeat(2048));
        await using file = await files.open("/a", "write");
        await file.write("x".repeat(1400), 100);
      },
      (disk) => {
        const text = disk.text("/a");
        assert.equal(text.length, 2048);
        // Each of its three sectors is as it was or as it is.
        const places = [
          [0, 512, `${"-".repeat(100)}${"x".repeat(412)}`],
          [512, 1024, "x".repeat(512)],
          [1024, 1536, `${"x".repeat(476)}${"-".repeat(36)}`],
        ] as const;
        return places
          .map(([from, until, whole]) => {
            const sector = text.slice(from, until);
            assert.include(["-".repeat(512), whole], sector);
            return sector === whole ? "1" : "0";
          })
          .join("");
      },
    );
    assert.deepEqual(
      seen,
      ["000", "001", "010", "011", "100", "101", "110", "111"].filter(
        (one) =>
          // One gap, or nothing at all.
          one !== "010",
      ),
    );
  });

  it("keeps, of a file that grows, less, or zeros", async () => {
    const seen = await outcomes(
      async (files, disk) => {
        disk.write("/a", "old,");
        await using file = await files.open("/a", "append");
        await file.append("x".repeat(1020));
      },
      (disk) =>
        disk
          .text("/a")
          .replace(/x+/u, (some) => `x*${String(some.length)}`)
          .replace(/\0+/u, (some) => `0*${String(some.length)}`),
    );
    assert.deepEqual(
      seen,
      [
        "old,",
        "old,0*1020",
        "old,0*508x*512",
        "old,x*1020",
        "old,x*508",
        "old,x*5080*512",
      ].toSorted(),
    );
  });

  it("keeps, of what was written to one sector, never the later without the earlier", async () => {
    const seen = await outcomes(async (files, disk) => {
      disk.write("/a", "------");
      await using file = await files.open("/a", "write");
      for (const [at, text] of ["a", "b", "c"].entries()) await file.write(text, at * 2);
    }, textOf("/a"));
    assert.deepEqual(seen, ["------", "a-----", "a-b---", "a-b-c-"]);
  });

  it("keeps what was written to one file without what was written to another before", async () => {
    const seen = await outcomes(
      async (files, disk) => {
        for (const path of ["/a", "/b"]) disk.write(path, "0");
        for (const path of ["/a", "/b"]) {
          await using file = await files.open(path, "write");
          await file.write("1", 0);
        }
      },
      (disk) => disk.text("/a") + disk.text("/b"),
    );
    assert.deepEqual(seen, ["00", "01", "10", "11"]);
  });

  it("has cut a file off, or not; with what came after it, it has", async () => {
    const cut = await outcomes(async (files, disk) => {
      disk.write("/a", "0123");
      await using file = await files.open("/a", "write");
      await file.truncate(2);
    }, textOf("/a"));
    assert.deepEqual(cut, ["01", "0123"]);
    const written = await outcomes(async (files, disk) => {
      disk.write("/a", "0123");
      await using file = await files.open("/a", "write");
      await file.truncate(1);
      await file.write("x", 1);
    }, textOf("/a"));
    assert.deepEqual(written, ["0", "0\0", "0123", "0x"]);
  });

  it("may lose the name of a file that was synced, unless its directory was", async () => {
    for (const synced of [false, true]) {
      const seen = await outcomes(async (files) => {
        await using file = await files.open("/a", "create");
        await file.write("here", 0);
        await file.sync();
        if (synced) await files.syncDirectory("/");
      }, textOf("/a"));
      assert.deepEqual(seen, synced ? ["here"] : ["here", "nothing"]);
    }
  });

  it("may bring back what was removed, unless its directory was synced", async () => {
    for (const synced of [false, true]) {
      const seen = await outcomes(async (files, disk) => {
        disk.write("/d/a", "back");
        await files.remove("/d/a");
        if (synced) await files.syncDirectory("/d");
      }, textOf("/d/a"));
      assert.deepEqual(seen, synced ? ["nothing"] : ["back", "nothing"]);
    }
  });

  it("has renamed or not; the target is never missing", async () => {
    const names = (disk: SimulatedDisk): string => {
      return `${textOf("/d/a")(disk)}, ${textOf("/e/b")(disk)}`;
    };
    for (const synced of [undefined, "/d", "/e"]) {
      const seen = await outcomes(async (files, disk) => {
        disk.write("/d/a", "new");
        disk.write("/e/b", "old");
        await files.rename("/d/a", "/e/b");
        if (synced !== undefined) await files.syncDirectory(synced);
      }, names);
      assert.deepEqual(
        seen,
        synced === undefined ? ["new, old", "nothing, new"] : ["nothing, new"],
      );
    }
  });

  it("may have the new name with nothing in it, when its bytes were not synced", async () => {
    const seen = await outcomes(async (files, disk) => {
      disk.write("/a", "old");
      await files.writeFile("/b", "new");
      await files.rename("/b", "/a");
      await files.syncDirectory("/");
    }, textOf("/a"));
    assert.deepEqual(seen, ["", "\0\0\0", "new"]);
  });

  it("may lose the directory of a file that was synced, unless the one above was", async () => {
    for (const synced of [false, true]) {
      const seen = await outcomes(async (files) => {
        await files.makeDirectory("/d");
        await files.writeFile("/d/a", "here", { durable: true });
        if (synced) await files.syncDirectory("/");
      }, textOf("/d/a"));
      assert.deepEqual(seen, synced ? ["here"] : ["here", "nothing"]);
    }
  });

  it("writeFile(), durable, leaves the old or the new, and the new for good", async () => {
    const old = "-".repeat(3000);
    for (let steps = 0; steps < 7; steps += 1) {
      for (let seed = 0; seed < 50; seed += 1) {
        const { disk } = machine(seed);
        disk.write("/a", old);
        let left = steps;
        const later = (_seconds: number, f: () => void): void => {
          left -= 1;
          if (left >= 0) f();
        };
        const files = new SimulatedFiles({ disk, latency: () => 0, later });
        let resolved = false;
        void files.writeFile("/a", "new".repeat(1000), { durable: true }).then(() => {
          resolved = true;
        });
        for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
        disk.crash("power");
        assert.equal(resolved, steps === 6, `after ${String(steps)} steps`);
        assert.include(
          resolved ? ["new".repeat(1000)] : [old, "new".repeat(1000)],
          disk.text("/a"),
        );
      }
    }
  });

  it("has a file at its old place or its new one, though that is in new directories", async () => {
    const seen = await outcomes(
      async (files, disk) => {
        disk.write("/a", "here");
        await files.makeDirectory("/d");
        await files.makeDirectory("/d/e");
        await files.rename("/a", "/d/e/a");
      },
      (disk) => `${textOf("/a")(disk)}, ${textOf("/d/e/a")(disk)}`,
    );
    assert.deepEqual(seen, ["here, nothing", "nothing, here"]);
  });

  it("counts what is back as what is there", async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const { disk, boot } = machine(seed);
      disk.write("/a", "12345");
      await boot().remove("/a");
      disk.crash("power");
      if (disk.has("/a")) await boot().readFile("/a");
      assert.equal(disk.used, disk.has("/a") ? 5 : 0);
    }
  });

  it("never loses nor doubles a file that was synced, wherever it is moved", async () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const { disk, boot } = machine(seed);
      const random = new Choices({ seed }).random("test");
      const files = boot();
      const contents = ["one", "two", "three", "four"];
      for (const content of contents) disk.write(`/d/${content}`, content);
      for (let step = 0; step < 40; step += 1) {
        const places = everything(disk, "/");
        const path = places[random.below(places.length)] ?? "/d";
        const parent = directoriesOf(disk)[random.below(directoriesOf(disk).length)] ?? "/";
        const name = `${parent}/${String(step)}`;
        const dice = random.below(8);
        // Refused: into itself, not empty, the root.
        if (dice === 0) await codeOf(files.makeDirectory(name));
        else if (dice === 1 && disk.list("/").length > 1 && isDirectory(disk, path)) {
          await codeOf(files.remove(path));
        } else if (dice === 2) await files.syncDirectory(`${parent}/`);
        else await codeOf(files.rename(path, name));
      }
      disk.crash("power");
      const found = everything(disk, "/").filter((path) => !isDirectory(disk, path));
      assert.deepEqual(found.map((path) => disk.text(path)).toSorted(), contents.toSorted());
    }
  });

  it("shows after it what it will show for ever", async () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const { disk, boot } = machine(seed);
      const files = boot();
      await files.makeDirectory("/d");
      await files.writeFile("/d/a", "x".repeat(3000));
      await files.rename("/d", "/e");
      disk.crash("power");
      const seen = everything(disk, "/").map((path) => [path, contentOf(disk, path)]);
      disk.crash("power");
      assert.deepEqual(
        everything(disk, "/").map((path) => [path, contentOf(disk, path)]),
        seen,
      );
      assert.equal(
        disk.used,
        seen.reduce((sum, [, text = ""]) => sum + text.length, 0),
      );
    }
  });
});

function isDirectory(disk: SimulatedDisk, path: string): boolean {
  return disk.facts(path).kind === "directory";
}

function contentOf(disk: SimulatedDisk, path: string): string {
  return isDirectory(disk, path) ? "" : disk.text(path);
}

/** All paths below this one. */
function everything(disk: SimulatedDisk, directory: string): readonly string[] {
  const paths = disk.list(directory).map((name) => posix.join(directory, name));
  const directories = paths.filter((path) => isDirectory(disk, path));
  return [paths, ...directories.map((path) => everything(disk, path))].flat();
}

function directoriesOf(disk: SimulatedDisk): readonly string[] {
  return ["", ...everything(disk, "/").filter((path) => isDirectory(disk, path))];
}
