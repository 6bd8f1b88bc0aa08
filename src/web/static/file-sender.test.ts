/**
 * How a file comes to a client: its pace, its memory, and every way in which it may end.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { FakeFiles, settled } from "../../../test/fixtures/web/fake-files.ts";
import { endOf, get } from "../../../test/fixtures/web/http1-scene.ts";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { captureLogs, type LogCapture } from "../../logger/capture.ts";
import { StringTransport } from "../../testing/string-transport.ts";
import type { Request } from "../server/request.ts";
import { Site } from "../server/site.ts";
import { CHUNK, ChunkPool } from "./chunk-pool.ts";
import { File } from "./file.ts";

const BIG = "/srv/big.bin";
/** Ten chunks, and a bit; no two chunks of it are alike. */
const CONTENT = Buffer.alloc(10 * CHUNK + 1234, "some bytes, 17 of");

/** A site with the big file, and a client that can be slow. */
class Scene {
  readonly fs = new FakeFiles({ [BIG]: CONTENT });
  readonly transport = new StringTransport();
  readonly requests: Request[] = [];

  constructor() {
    const root = new File("/srv", { fileSystem: this.fs });
    const { reactor } = this.transport;
    const site = new Site(
      (request) => {
        this.requests.push(request);
        return root.serve(["big.bin"], request);
      },
      { reactor },
    );
    site.noisy = false;
    this.transport.connect(site.buildProtocol());
  }

  async settle(): Promise<void> {
    await settled(this.transport.reactor);
  }

  async ask(...fields: readonly string[]): Promise<void> {
    this.transport.deliver(get("/", ...fields));
    await this.settle();
  }

  /** What has come of the body, and what of it has been read. */
  body(): Buffer {
    const sent = this.transport.value();
    return sent.subarray(sent.indexOf("\r\n\r\n") + 4);
  }

  get reads(): number {
    return this.fs.asked.filter((one) => one.startsWith("read")).length;
  }
}

/** The memory that files are read into, but for small pieces. */
function memoriesOf(fs: FakeFiles): ReadonlySet<ArrayBufferLike> {
  const memories = new Set<ArrayBufferLike>();
  const open = fs.open.bind(fs);
  fs.open = async (path) => {
    const file = await open(path);
    const read = (into: Uint8Array, position: number): Promise<number> => {
      if (into.length > 4096) memories.add(into.buffer);
      return file.read(into, position);
    };
    return { ...file, read };
  };
  return memories;
}

/** What was logged, one line each. */
function failuresOf(logs: LogCapture): string {
  return logs
    .flush()
    .map(({ log_failure }) => log_failure?.getErrorMessage() ?? "")
    .join("\n");
}

describe("sendFile()", () => {
  it("sends a large file whole, and closes it", async () => {
    const scene = new Scene();
    await scene.ask();
    assert.isTrue(scene.body().equals(CONTENT));
    assert.equal(scene.fs.openNow, 0);
    assert.deepEqual(
      scene.requests.map(({ finished, sentLength }) => [finished, sentLength]),
      [[true, CONTENT.length]],
    );
    assert.equal(scene.transport.end, "open");
  });

  it("sends it when the system reads in pieces of its own", async () => {
    const scene = new Scene();
    const memories = memoriesOf(scene.fs);
    scene.fs.readMax = 50_001;
    await scene.ask();
    assert.equal(memories.size, 2);
    assert.isTrue(scene.body().equals(CONTENT));
    assert.equal(scene.fs.openNow, 0);
  });

  it("sends one after the other on a connection", async () => {
    const scene = new Scene();
    scene.transport.deliver(get("/") + get("/", "Range: bytes=-300000"));
    await scene.settle();
    const sent = scene.transport.value().toString("latin1");
    assert.isTrue(sent.endsWith(CONTENT.subarray(-300_000).toString("latin1")));
    assert.lengthOf(sent.match(/HTTP\/1\.1 20[06]/gu) ?? [], 2);
  });

  it("sends large ranges, each with its head", async () => {
    const scene = new Scene();
    await scene.ask("Range: bytes=10-299999,400000-699999");
    const body = scene.body().toString("latin1");
    const first = CONTENT.toString("latin1", 10, 300_000);
    const second = CONTENT.toString("latin1", 400_000, 700_000);
    assert.include(
      body,
      `Content-Range: bytes 10-299999/${String(CONTENT.length)}\r\n\r\n${first}\r\n--`,
    );
    assert.include(body, `-699999/${String(CONTENT.length)}\r\n\r\n${second}\r\n--`);
    assert.match(body, /--\r\n$/u);
    assert.equal(scene.fs.openNow, 0);
  });

  it("reads one chunk ahead of a client that is slow, and no more", async () => {
    const scene = new Scene();
    scene.transport.stalled = true;
    await scene.ask();
    assert.equal(scene.reads, 2);
    assert.isAtMost(scene.transport.bufferedBytes, CHUNK + 1000);
    scene.transport.stalled = false;
    await scene.settle();
    assert.isTrue(scene.body().equals(CONTENT));
  });

  it("closes the file when the client goes away", async () => {
    const scene = new Scene();
    scene.transport.stalled = true;
    await scene.ask();
    assert.equal(scene.fs.openNow, 1);
    scene.transport.deliverReset();
    await scene.settle();
    assert.equal(scene.fs.openNow, 0);
    assert.equal(scene.requests[0]?.disconnected, true);
  });

  it("closes the file after the read that is under way, when the client goes away", async () => {
    const scene = new Scene();
    let openInRead = -1;
    scene.fs.meanwhile = (operation) => {
      if (!operation.startsWith("read") || scene.reads < 3) return;
      openInRead = scene.fs.openNow;
      scene.transport.deliverReset();
      openInRead = Math.min(openInRead, scene.fs.openNow);
    };
    await scene.ask();
    assert.equal(openInRead, 1, "closed while it was being read");
    assert.equal(scene.fs.openNow, 0);
  });

  for (const moment of ["facts", "realPath", "open", "read"]) {
    it(`opens and leaves nothing when the client goes away in ${moment}`, async () => {
      using logs = captureLogs();
      const scene = new Scene();
      scene.fs.meanwhile = (operation) => {
        if (operation.startsWith(moment) && scene.transport.connected)
          scene.transport.deliverReset();
      };
      await scene.ask();
      assert.equal(scene.fs.openNow, 0);
      assert.equal(scene.transport.value().length, 0, "nothing was sent");
      assert.equal(scene.reads, moment === "read" ? 1 : 0);
      assert.lengthOf(logs.flush(), 0);
    });
  }

  it("cuts the answer off where the disk fails, and says so", async () => {
    using logs = captureLogs();
    const scene = new Scene();
    scene.fs.meanwhile = (operation) => {
      if (scene.reads === 4) scene.fs.faults.set(operation, "EIO");
    };
    await scene.ask();
    assert.isBelow(scene.body().length, 4 * CHUNK);
    assert.equal(scene.transport.end, "aborted");
    assert.equal(scene.fs.openNow, 0);
    assert.match(failuresOf(logs), /^[^\n]*EIO[^\n]*$/u);
  });

  it("cuts the answer off where the file has become shorter, and says so", async () => {
    using logs = captureLogs();
    const scene = new Scene();
    scene.fs.meanwhile = () => {
      if (scene.reads === 4) scene.fs.overwrite(BIG, CONTENT.subarray(0, 2 * CHUNK));
    };
    await scene.ask();
    assert.equal(scene.transport.end, "aborted");
    assert.equal(scene.fs.openNow, 0);
    assert.match(failuresOf(logs), /it ends at byte/u);
  });

  it("sends no more of a file that has grown than it had", async () => {
    const scene = new Scene();
    scene.fs.meanwhile = () => {
      if (scene.reads === 4) scene.fs.overwrite(BIG, Buffer.concat([CONTENT, CONTENT]));
    };
    await scene.ask();
    assert.isTrue(scene.body().equals(CONTENT));
    assert.equal(scene.transport.end, "open");
  });

  it("says 500 where the first bytes cannot be read", async () => {
    using logs = captureLogs();
    const at = new Scene();
    at.fs.faults.set(`read ${BIG}`, "EIO");
    await at.ask();
    assert.match(at.transport.value().toString(), /^HTTP\/1\.1 500 /u);
    assert.equal(at.fs.openNow, 0);
    assert.lengthOf(logs.flush(), 1);
  });

  it("waits with the head for a client that has not taken the answer before", async () => {
    const scene = new Scene();
    scene.transport.stalled = true;
    scene.transport.deliver(get("/") + get("/"));
    await scene.settle();
    assert.lengthOf(scene.requests, 1);
    scene.transport.stalled = false;
    await scene.settle();
    assert.lengthOf(scene.requests, 2);
    assert.equal(scene.fs.openNow, 0);
  });
});

describe("chunks", () => {
  it("are used again, by the same answer and by the next", async () => {
    const scene = new Scene();
    scene.fs.overwrite(BIG, CONTENT.subarray(0, 4 * CHUNK));
    const memories = memoriesOf(scene.fs);
    await scene.ask();
    await scene.ask();
    await scene.ask("Range: bytes=0-9999");
    assert.isTrue(scene.transport.value().includes(CONTENT.subarray(0, 4 * CHUNK)));
    assert.equal(memories.size, 2);
  });

  it("are not used again while they wait for a client that is slow", async () => {
    const [one, other] = [Buffer.alloc(60_000, "one"), Buffer.alloc(60_000, "other")];
    const fileSystem = new FakeFiles({ "/srv/one": one, "/srv/other": other });
    const root = new File("/srv", { fileSystem });
    const slow = new StringTransport();
    const site = new Site(root, { reactor: slow.reactor });
    site.noisy = false;
    slow.connect(site.buildProtocol());
    slow.stalled = true;
    // The first answer is with the system, which takes no more; the second waits behind it.
    slow.deliver(get("/gone"));
    await settled(slow.reactor);
    slow.deliver(get("/one"));
    await settled(slow.reactor);
    const at = visit(root);
    assert.isAbove(slow.bufferedBytes, 60_000);
    assert.equal((await at.ask(get("/other"))).body, other.toString());
    slow.stalled = false;
    await settled(slow.reactor);
    assert.isTrue(slow.value().subarray(-60_000).equals(one));
  });

  it("are not mixed up by answers that go on at once", async () => {
    const root = new File("/srv", { fileSystem: new FakeFiles({ [BIG]: CONTENT }) });
    const [at, other] = [visit(root), visit(root)];
    at.send(get("/big.bin"));
    other.send(get("/big.bin", "Range: bytes=7-900000"));
    for (let turn = 0; turn < 50; turn += 1) {
      await at.settle();
      await other.settle();
    }
    const whole = CONTENT.toString("latin1");
    assert.isTrue(at.client.received.endsWith(`\r\n\r\n${whole}`));
    assert.isTrue(other.client.received.endsWith(`\r\n\r\n${whole.slice(7, 900_001)}`));
    assert.equal(endOf(at), "open");
  });

  it("of a pool are kept up to a bound", () => {
    const pool = new ChunkPool();
    const taken = Array.from({ length: 20 }, () => pool.take());
    assert.lengthOf(new Set(taken), 20);
    for (const chunk of taken) pool.give(chunk);
    const again = Array.from({ length: 20 }, () => pool.take());
    assert.lengthOf(
      again.filter((chunk) => taken.includes(chunk)),
      16,
    );
  });
});
