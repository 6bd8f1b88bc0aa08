/**
 * What a simulated disk refuses, and what it tells tests.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { codeOf, machine, outcomes, textOf } from "../../../../test/fixtures/simulated-disk.ts";
import { SimulatedFiles } from "./simulated-files.ts";

describe("SimulatedDisk in trouble", () => {
  it("is full: writes what there is room for, and ENOSPC", async () => {
    const { disk, boot } = machine();
    const files = boot();
    disk.capacity = 1000;
    await using file = await files.open("/a", "create");
    await file.write("x".repeat(900), 0);
    assert.equal(await codeOf(file.write("y".repeat(900), 800)), "ENOSPC");
    assert.equal(disk.text("/a"), "x".repeat(800) + "y".repeat(200));
    disk.capacity = 1100;
    assert.equal(await codeOf(file.write("z", 5000)), "ENOSPC");
    assert.deepEqual([disk.used, (await file.facts()).size], [1000, 1000]);
    disk.capacity = 1000;
    assert.equal(await codeOf(file.truncate(1001)), "ENOSPC");
    assert.deepEqual([disk.used, (await file.facts()).size], [1000, 1000]);
    await file.write("what is there can be overwritten", 0);
    await file.truncate(999);
    assert.equal(disk.used, 999);
  });

  it("is full: writeFile(), durable, fails and leaves the old one alone", async () => {
    const { disk, boot } = machine();
    disk.write("/d/a", "old");
    disk.capacity = 10;
    const writing = boot().writeFile("/d/a", "too much for it", { durable: true });
    assert.equal(await codeOf(writing), "ENOSPC");
    assert.deepEqual([disk.list("/d"), disk.text("/d/a"), disk.used], [["a"], "old", 3]);
  });

  it("gives room back when the last handle of a removed file is closed", async () => {
    const { disk, boot } = machine();
    const files = boot();
    await files.writeFile("/a", "12345");
    await files.writeFile("/b", "123");
    const one = await files.open("/a");
    const other = await files.open("/a");
    await files.rename("/b", "/a");
    await one.close();
    assert.equal(disk.used, 8);
    await other.close();
    assert.equal(disk.used, 3);
    await files.remove("/a");
    assert.equal(disk.used, 0);
  });

  it("fails what it is told to fail, so many times", async () => {
    const { disk, boot } = machine();
    const files = boot();
    disk.write("/d/a", "text");
    disk.write("/dd", "text");
    disk.fail({ operations: ["read", "write"], path: "/d", times: 2 });
    assert.equal(await codeOf(files.readFile("/d/a")), "EIO");
    assert.equal((await files.readFile("/dd")).toString(), "text");
    assert.equal(await codeOf(files.writeFile("/d/b", "text")), "EIO");
    assert.equal((await files.readFile("/d/a")).toString(), "text");
    const heal = disk.fail({ code: "EROFS" });
    assert.equal(await codeOf(files.rename("/d/a", "/d/c")), "EROFS");
    heal();
    await files.rename("/d/a", "/d/c");
    assert.deepEqual(disk.openFiles, []);
  });

  it("fails in a share of all cases", async () => {
    const { disk, boot } = machine(3);
    const files = boot();
    disk.fail({ rate: 0.25 });
    const codes = await Promise.all(Array.from({ length: 1000 }, () => codeOf(files.facts("/"))));
    assert.closeTo(codes.filter((code) => code === "EIO").length, 250, 50);
  });

  it("gives up what a sync that fails was to sync; another sync does not help", async () => {
    const seen = await outcomes(async (files, disk) => {
      disk.write("/a", "------");
      await using file = await files.open("/a", "write");
      await file.write("ab", 0);
      disk.fail({ operations: ["sync"], times: 1 });
      assert.equal(await codeOf(file.sync()), "EIO");
      await file.sync();
      assert.equal(disk.text("/a"), "ab----");
    }, textOf("/a"));
    assert.deepEqual(seen, ["------", "ab----"]);
  });

  it("keeps what is written anew after a sync that failed", async () => {
    const seen = await outcomes(async (files, disk) => {
      disk.write("/a", "------");
      await using file = await files.open("/a", "write");
      await file.write("ab", 0);
      disk.fail({ operations: ["sync"], times: 1 });
      await codeOf(file.sync());
      await file.write("ab", 0);
      await file.sync();
      await file.write("c", 2);
      await file.sync();
    }, textOf("/a"));
    assert.deepEqual(seen, ["abc---"]);
  });

  it("takes longer when it is told to", async () => {
    const { disk } = machine();
    const taken: string[] = [];
    const files = new SimulatedFiles({
      disk,
      latency: (operation, bytes) => (operation === "write" ? bytes / 1000 : 0.5),
      later: (seconds, f) => {
        taken.push(String(seconds));
        f();
      },
    });
    const heal = disk.slow({ operations: ["sync"], seconds: 3 });
    await using file = await files.open("/a", "create");
    await file.write("x".repeat(250), 0);
    await file.sync();
    heal();
    await file.sync();
    assert.deepEqual(taken, ["0.5", "0.25", "3.5", "0.5"]);
  });
});

describe("SimulatedDisk for tests", () => {
  it("write() is there for good, with the directories above it", async () => {
    const seen = await outcomes(
      async (_files, disk) => {
        disk.write("/etc/app/config.json", '{ "port": 80 }');
      },
      (disk) => JSON.stringify(disk.json("/etc/app/config.json")),
    );
    assert.deepEqual(seen, ['{"port":80}']);
  });

  it("tells what programs see, whatever fails", async () => {
    const { disk, boot } = machine();
    await boot().writeFile("/a", Uint8Array.of(1, 2));
    disk.fail();
    assert.deepEqual([...disk.read("/a")], [1, 2]);
    assert.deepEqual([disk.has("/a"), disk.has("/b"), disk.has("/a/b")], [true, false, false]);
    assert.throws(() => disk.text("/b"), "ENOENT");
    assert.throws(() => disk.text("/"), "EISDIR");
  });
});
