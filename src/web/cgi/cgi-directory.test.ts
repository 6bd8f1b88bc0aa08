import { assert, it } from "vitest";
import { MEMORY, describeOn, inMemory } from "../../../test/fixtures/networks.ts";
import { ProxyStage } from "../../../test/fixtures/web/proxy-stage.ts";
import type { FileFacts } from "../../internet/interfaces-files.ts";
import { CGIDirectory } from "./cgi-directory.ts";

const describe = describeOn([MEMORY]);

/** Paths, and what is there: a kind, or where a link leads. */
const FILES = new Map<string, string>([
  ["/srv/cgi", "directory"],
  ["/srv/cgi/find.sh", "file"],
  ["/srv/cgi/more", "directory"],
  ["/srv/cgi/more/deep.sh", "file"],
  ["/srv/cgi/.hidden", "file"],
  ["/srv/cgi/pipe", "other"],
  ["/srv/cgi/out", "/etc/passwd"],
  ["/srv/cgi/in", "/srv/cgi/find.sh"],
  ["/etc/passwd", "file"],
]);

const fileSystem = {
  facts: async (path: string): Promise<FileFacts> => {
    const kind = FILES.get(path);
    if (kind === "file" || kind === "directory" || kind === "other") {
      return { kind, size: 0, modified: 0, device: 0, inode: 0 };
    }
    throw Object.assign(new Error(path), { code: "ENOENT" });
  },
  realPath: async (path: string): Promise<string> => {
    const there = FILES.get(path);
    if (there === undefined) throw Object.assign(new Error(path), { code: "ENOENT" });
    return there.startsWith("/") ? there : path;
  },
};

/** What is run for this path, or the status that is answered. */
async function run(path: string): Promise<string | undefined> {
  const one = new ProxyStage((reactor) => new CGIDirectory("/srv/cgi", { reactor, fileSystem }));
  const client = one.ask(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  for (let turn = 0; turn < 50; turn += 1) {
    await Promise.resolve();
    one.reactor.flush();
  }
  const [spawned] = inMemory(one.reactor).processes.spawned;
  if (spawned === undefined) return client.received.slice(9, 12);
  const { env = {} } = spawned.options;
  return [spawned.executable, env["SCRIPT_NAME"], env["PATH_INFO"]].join(" ");
}

describe("CGIDirectory", () => {
  it("runs what is in it, and in the directories in it", async () => {
    assert.equal(await run("/find.sh"), "/srv/cgi/find.sh /find.sh ");
    assert.equal(await run("/find.sh/a/b?c"), "/srv/cgi/find.sh /find.sh /a/b");
    assert.equal(await run("/more/deep.sh/"), "/srv/cgi/more/deep.sh /more/deep.sh /");
    assert.equal(await run("/in"), "/srv/cgi/in /in ");
  });

  it("shows nothing else", async () => {
    const paths = [
      "/",
      "/more",
      "/more/",
      "/none",
      "/.hidden",
      "/pipe",
      "/out",
      "/more/..%2ffind.sh",
    ];
    const others = ["/../cgi/find.sh", "/%2e%2e/find.sh", "/find.sh%00", "/.", "//find.sh"];
    for (const path of [...paths, ...others]) assert.equal(await run(path), "404", path);
  });
});
