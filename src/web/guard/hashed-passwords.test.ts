/**
 * Users in a file, with hashes; and the portal that asks one checker after the other.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { Resource } from "../server/resource.ts";
import { UnauthorizedLogin, UnhandledCredentials, UsernamePassword } from "./credentials.ts";
import { hashPassword, HashedPasswords } from "./hashed-passwords.ts";
import { PlainPasswords } from "./plain-passwords.ts";
import { type IChecker, Portal } from "./portal.ts";

/** Cheap ones: N=16, r=1, p=1, made with Python's hashlib.scrypt. */
const FILE = `# users of the town hall

ada:$scrypt$ln=4,r=1,p=1$c2FsdHNhbHRzYWx0c2FsdA==$jwMlxugsty27MVnC7OtsSmFSUIEE7kUvH/Z9Oz3mxRM=
grace:$scrypt$ln=4,r=1,p=1$c2FsdHNhbHRzYWx0c2FsdA==$8mUIhT4my/EofsqhYBCRz6OgDbIF9zNTd+8IuPQ+g7s=
`;

async function rejected(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("HashedPasswords", () => {
  it("lets in who has the password, by the hash of another program (RFC 7914)", async () => {
    const users = new HashedPasswords(new MemoryReactor(), FILE);
    const right = new UsernamePassword("ada", "lovelace");
    assert.equal(await users.requestAvatarId(right), "ada");
    assert.equal(await users.requestAvatarId(right), "ada");
    const wrong = users.requestAvatarId(new UsernamePassword("ada", "x"));
    assert.instanceOf(await rejected(wrong), UnauthorizedLogin);
    const nobody = users.requestAvatarId(new UsernamePassword("eve", "lovelace"));
    assert.instanceOf(await rejected(nobody), UnauthorizedLogin);
  });

  it("does not take the password that it knows of one user from another", async () => {
    const users = new HashedPasswords(new MemoryReactor(), FILE);
    assert.equal(await users.requestAvatarId(new UsernamePassword("grace", "hopper")), "grace");
    const other = users.requestAvatarId(new UsernamePassword("ada", "hopper"));
    assert.instanceOf(await rejected(other), UnauthorizedLogin);
  });

  it("reads what hashPassword has written", async () => {
    const reactor = new MemoryReactor();
    const hash = await hashPassword(reactor, "pässword");
    assert.match(hash, /^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}==\$[\w+/]{43}=$/u);
    const users = new HashedPasswords(reactor, `grace:${hash}\r\n`);
    const right = new UsernamePassword("grace", "pässword");
    assert.equal(await users.requestAvatarId(right), "grace");
  });

  it("cannot judge what is not a plain password", async () => {
    const users = new HashedPasswords(new MemoryReactor(), FILE);
    const signed = { username: "ada", checkPassword: () => true };
    assert.instanceOf(await rejected(users.requestAvatarId(signed)), UnhandledCredentials);
  });

  const LINES: readonly (readonly [what: string, text: string])[] = [
    ["a password in plain text", "ada:lovelace"],
    ["no hash", "ada"],
    ["a name twice", `${FILE}${FILE}`],
    ["a blank line that is none", "  "],
  ];
  for (const [what, text] of LINES) {
    it(`refuses ${what}, and does not show it`, () => {
      const make = (): HashedPasswords => new HashedPasswords(new MemoryReactor(), text);
      assert.throws(make, TypeError, /^Cannot read users: expected (?!.*lovelace).* on line \d+$/u);
    });
  }
});

describe("Portal", () => {
  const resource = new Resource();
  const realm = { requestAvatar: () => ({ resource }) };
  const ada = new UsernamePassword("ada", "lovelace");
  const unable: IChecker = {
    requestAvatarId: () => {
      throw new UnhandledCredentials("Cannot judge");
    },
  };

  it("asks the next checker when one cannot judge, and no other when one says no", async () => {
    const plain = new PlainPasswords(new Map([["ada", "lovelace"]]));
    assert.equal((await new Portal(realm, [unable, plain]).login(ada)).resource, resource);
    const strict = new Portal(realm, [new PlainPasswords({ ada: "x" }), plain]);
    assert.instanceOf(await rejected(Promise.resolve(strict.login(ada))), UnauthorizedLogin);
  });

  it("fails when no checker can judge", async () => {
    const portal = new Portal(realm, [unable]);
    assert.instanceOf(await rejected(Promise.resolve(portal.login(ada))), UnhandledCredentials);
  });
});
