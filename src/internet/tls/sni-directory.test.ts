import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, describe, it, type TestContext } from "vitest";
import { CertificateDirectoryError, CertificateError } from "./errors.ts";
import { KeyPair } from "./key-pair.ts";
import type { PrivateCertificate } from "./private-certificate.ts";
import { selfSignedCertificate } from "./self-signed.ts";
import { SNIDirectory, type SNIDirectoryOptions } from "./sni-directory.ts";

const ONE = await selfSignedCertificate({ names: ["one.example", "www.one.example", "::1"] });
const TWO = await selfSignedCertificate({ names: ["two.example", "www.one.example"], days: 400 });
const WILD = await selfSignedCertificate({ names: ["*.wild.example"] });

const KNOWN = new Map([
  [ONE.certificate.dumpPEM(), "ONE"],
  [TWO.certificate.dumpPEM(), "TWO"],
  [WILD.certificate.dumpPEM(), "WILD"],
]);

/** A directory with these files, by their name without `.pem`. */
function folder(context: TestContext, files: Record<string, PrivateCertificate> = {}): string {
  const path = mkdtempSync(join(tmpdir(), "sennit-sni-"));
  context.onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, certificate] of Object.entries(files)) put(path, name, certificate.dumpPEM());
  return path;
}

function put(path: string, name: string, text: string): void {
  writeFileSync(join(path, `${name}.pem`), text);
}

/** Which certificate a client that asks for `name` is shown. */
function shown(directory: SNIDirectory, name: string): string | undefined {
  const settings = directory.settingsFor(name);
  return settings && (KNOWN.get(settings.certificate ?? "") ?? "another");
}

async function errorOf(work: PromiseLike<unknown>): Promise<CertificateDirectoryError> {
  try {
    await work;
  } catch (error) {
    assert.instanceOf(error, CertificateDirectoryError);
    assert.equal(error.code, "ERR_CERTIFICATE_DIRECTORY");
    return error;
  }
  return assert.fail("it has not failed");
}

describe("SNIDirectory", () => {
  it("serves each file for its name, and for the names in it", async (context) => {
    const path = folder(context, { "One.Example": ONE, "*.wild.example": WILD });
    const directory = await SNIDirectory.load(path);
    const seen = ["ONE.example", "www.one.example", "a.wild.example", "two.example", ""];
    assert.deepEqual(
      seen.map((name) => shown(directory, name)),
      ["ONE", "ONE", "WILD", undefined, "WILD"],
    );
    assert.equal(String(directory), `SNIDirectory(${JSON.stringify(path)}, 2 files)`);
  });

  it("goes by the file's name first, then by who is good for longest", async (context) => {
    const byName = folder(context, { "www.one.example": ONE, "two.example": TWO });
    assert.equal(shown(await SNIDirectory.load(byName), "www.one.example"), "ONE");
    const byDate = folder(context, { all: ONE, later: TWO });
    assert.equal(shown(await SNIDirectory.load(byDate), "www.one.example"), "TWO");
  });

  it("takes _. for *., DEFAULT.pem for everybody else", async (context) => {
    const path = folder(context, { "_.wild.example": WILD, DEFAULT: TWO });
    const directory = await SNIDirectory.load(path);
    const seen = ["a.wild.example", "no.example", "", "two.example"];
    assert.deepEqual(
      seen.map((name) => shown(directory, name)),
      ["WILD", "TWO", "TWO", "TWO"],
    );
    assert.notInclude(directory.names, "default");
  });

  it("leaves other files alone, and follows links", async (context) => {
    const path = folder(context, { "one.example": ONE });
    writeFileSync(join(path, "README"), "hello");
    put(path, ".hidden", "no");
    mkdirSync(join(path, "folder"));
    symlinkSync(join(path, "one.example.pem"), join(path, "linked.example.pem"));
    const directory = await SNIDirectory.load(path);
    assert.equal(shown(directory, "linked.example"), "ONE");
  });

  it("takes a policy and a passphrase for all of them", async (context) => {
    const path = folder(context);
    put(path, "one.example", ONE.dumpPEM({ passphrase: "secret" }));
    const options = { passphrase: "secret", acceptableProtocols: ["h2"] };
    const directory = await SNIDirectory.load(path, options);
    assert.deepEqual(directory.settingsFor("one.example")?.acceptableProtocols, ["h2"]);
  });

  it("serves nothing before it is loaded", (context) => {
    const directory = new SNIDirectory(folder(context, { "one.example": ONE }));
    assert.isUndefined(directory.settingsFor(""));
  });
});

describe("SNIDirectory.reload()", () => {
  it("takes what is new, forgets what is gone, and keeps what is as before", async (context) => {
    const path = folder(context, { "one.example": ONE, "a.wild.example": WILD });
    const directory = await SNIDirectory.load(path);
    const before = directory.settingsFor("one.example");
    rmSync(join(path, "a.wild.example.pem"));
    put(path, "two.example", TWO.dumpPEM());
    await directory.reload();
    assert.equal(shown(directory, "two.example"), "TWO");
    assert.isUndefined(shown(directory, "a.wild.example"));
    assert.strictEqual(directory.settingsFor("one.example"), before);
  });

  it("shows a renewed certificate", async (context) => {
    const path = folder(context, { "one.example": ONE });
    const directory = await SNIDirectory.load(path);
    put(path, "one.example", TWO.dumpPEM());
    await directory.reload();
    assert.equal(shown(directory, "one.example"), "TWO");
  });

  it("keeps what is in force if one file is bad, and tells of each", async (context) => {
    const path = folder(context, { "one.example": ONE, "two.example": TWO });
    const directory = await SNIDirectory.load(path);
    const foreign = await KeyPair.generate();
    put(path, "one.example", ONE.certificate.dumpPEM() + foreign.dumpPEM());
    put(path, "two.example", "-----BEGIN CERTIFICATE-----\nhalf");
    put(path, "wild.example", WILD.dumpPEM());
    const error = await errorOf(directory.reload());
    assert.equal(error.path, path);
    const problems = [...error.files].map(([file, one]) => {
      assert.instanceOf(one, CertificateError);
      return [file, one.problem];
    });
    assert.deepEqual(problems, [
      ["one.example.pem", "mismatch"],
      ["two.example.pem", "unreadable"],
    ]);
    assert.include(error.message, "one.example.pem: Cannot use Certificate(CN=one.example)");
    assert.include(error.message, ", and 1 more file");
    assert.deepEqual(
      ["one.example", "two.example", "wild.example"].map((name) => shown(directory, name)),
      ["ONE", "TWO", undefined],
    );

    put(path, "one.example", ONE.dumpPEM());
    put(path, "two.example", TWO.dumpPEM());
    await directory.reload();
    assert.equal(shown(directory, "wild.example"), "WILD");
  });

  const hard: readonly [string, (path: string) => void, SNIDirectoryOptions, string][] = [
    ["a directory that is gone", (path) => renameAway(path), {}, "can be read"],
    ["a directory without files", (path) => rmSync(join(path, "one.example.pem")), {}, "got none"],
    ["a folder with a file's name", (path) => mkdirSync(join(path, "x.pem")), {}, "a file"],
    ["a link to nowhere", (path) => symlinkSync("no", join(path, "x.pem")), {}, "ENOENT"],
    ["a device", (path) => symlinkSync("/dev/zero", join(path, "x.pem")), {}, "expected a file"],
    ["a huge file", () => undefined, { maxFileBytes: 100 }, "at most 100 bytes"],
    ["more files than are allowed", () => undefined, { maxFiles: 0 }, "at most 0 files, got 1"],
  ];
  for (const [what, harm, options, message] of hard) {
    it(`fails for ${what}`, async (context) => {
      const path = folder(context, { "one.example": ONE });
      harm(path);
      const error = await errorOf(SNIDirectory.load(path, options));
      assert.include(error.message, message);
      mkdirSync(path, { recursive: true });
    });
  }

  it("does one thing after another", async (context) => {
    const path = folder(context, { "one.example": ONE });
    const directory = await SNIDirectory.load(path);
    const reloads = [directory.reload(), directory.reload(), directory.reload()];
    put(path, "one.example", TWO.dumpPEM());
    await Promise.all(reloads);
    assert.equal(shown(directory, "one.example"), "TWO");
  });
});

function renameAway(path: string): void {
  const away = `${path}-away`;
  renameSync(path, away);
  rmSync(away, { recursive: true });
}
