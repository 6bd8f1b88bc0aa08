/**
 * Logins with curl, by Basic and by Digest, and what curl says when it is not let in.
 *
 * @module
 */
import { assert, describe, it, type TestContext } from "vitest";
import { MemoryReactor } from "../../../src/reactors/memory/memory-reactor.ts";
import { BasicCredentialFactory } from "../../../src/web/guard/basic-credential-factory.ts";
import type { ICredentialFactory } from "../../../src/web/guard/credential-factory.ts";
import { DigestCredentialFactory } from "../../../src/web/guard/digest-credential-factory.ts";
import { HTTPAuthSessionWrapper } from "../../../src/web/guard/http-auth-session-wrapper.ts";
import { PlainPasswords } from "../../../src/web/guard/plain-passwords.ts";
import { Portal } from "../../../src/web/guard/portal.ts";
import type { Request } from "../../../src/web/server/request.ts";
import { Resource } from "../../../src/web/server/resource.ts";
import { start } from "../fixtures/lines/running.ts";
import { serve } from "../fixtures/web/real-site.ts";
import { peer } from "../peers.ts";

const curl = peer("curl", "curl");

class Own extends Resource {
  override readonly isLeaf = true;
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  render_GET(request: Request): string {
    return `${this.#name} ${request.uri}\n`;
  }

  async render_POST(request: Request): Promise<string> {
    return `${this.#name} ${await request.content.text()}\n`;
  }
}

async function guarded(
  context: TestContext,
  factories: readonly ICredentialFactory[],
): Promise<string> {
  const users = new PlainPasswords({ ada: "love lace", 'a "quoted" user': 'with "\\' });
  const portal = new Portal({ requestAvatar: (name) => ({ resource: new Own(name) }) }, [users]);
  const { url } = await serve(context, new HTTPAuthSessionWrapper(portal, factories));
  return url;
}

/** What curl prints: bodies, and of each transfer the status and how many connections it took. */
async function curled(context: TestContext, args: readonly string[]): Promise<string> {
  const form = ["--silent", "--show-error", "--write-out", "%{http_code} %{num_connects}\n"];
  const client = start(context, curl.path(context), [...form, ...args]);
  const { code } = await client.exit();
  assert.equal(code, 0, client.stderr);
  return client.stdout;
}

/** Makes the nonces; its time stands still. */
const reactor = new MemoryReactor();
const BASIC = new BasicCredentialFactory("hall");
const SHA256 = new DigestCredentialFactory({ reactor, realm: "hall" });
const MD5 = new DigestCredentialFactory({ reactor, realm: "hall", algorithm: "MD5" });

const WAYS: readonly (readonly [
  what: string,
  flag: string,
  factories: readonly ICredentialFactory[],
])[] = [
  ["Basic", "--basic", [BASIC]],
  ["Digest", "--digest", [SHA256]],
  ["Digest with MD5", "--digest", [MD5]],
  ["the best of three", "--anyauth", [SHA256, MD5, BASIC]],
];

describe("HTTPAuthSessionWrapper", () => {
  for (const [what, flag, factories] of WAYS) {
    it(`lets curl in by ${what}, and keeps the connection`, async (context) => {
      const url = await guarded(context, factories);
      const targets = [`${url}/a?b=1&c=%20`, `${url}/d`];
      const output = await curled(context, [flag, "--user", "ada:love lace", ...targets]);
      assert.equal(output, "ada /a?b=1&c=%20\n200 1\nada /d\n200 0\n");
    });

    it(`takes a body by ${what}`, async (context) => {
      const url = await guarded(context, factories);
      const data = ["--data", "x".repeat(2000)];
      const output = await curled(context, [flag, "--user", "ada:love lace", ...data, url]);
      assert.equal(output.split("\n").at(0), `ada ${"x".repeat(2000)}`);
    });

    it(`does not let curl in by ${what} with a wrong password`, async (context) => {
      const url = await guarded(context, factories);
      const output = await curled(context, [flag, "--user", "ada:wrong", `${url}/a`]);
      assert.match(output, /<h1>401 Unauthorized<\/h1>[^]*401 1\n$/u);
    });
  }

  it("reads what curl quotes", async (context) => {
    const factory = new DigestCredentialFactory({ reactor, realm: 'the "hall"' });
    const url = await guarded(context, [factory]);
    const output = await curled(context, ["--digest", "--user", 'a "quoted" user:with "\\', url]);
    assert.match(output, /^a "quoted" user \//u);
  });
});
