import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { formatPEM } from "./_pem.ts";
import { CertificateRequest } from "./certificate-request.ts";
import { DistinguishedName } from "./distinguished-name.ts";
import { CertificateError } from "./errors.ts";
import { KeyPair } from "./key-pair.ts";

const KEY = new KeyPair(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
const DN = DistinguishedName.parse("emailAddress=ann@example.com,CN=Änn+OU=Sales,1.2.3.4=x,C=DE");
const NAMES = ["www.example.com", "*.example.org", "192.0.2.1", "2001:db8::1"];
const REQUEST = await KEY.requestObject(DN, { names: NAMES });

async function problemOf(read: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    assert.instanceOf(error, CertificateError);
    return error.problem;
  }
}

describe("CertificateRequest", () => {
  it("tells what is in it", () => {
    assert.isTrue(REQUEST.getSubject().equals(DN));
    assert.deepEqual(REQUEST.names, NAMES);
    assert.equal(REQUEST.keyHash(), KEY.keyHash());
  });

  it("is read as it was written", async () => {
    const pem = REQUEST.dumpPEM();
    assert.match(pem, /^-----BEGIN CERTIFICATE REQUEST-----\n/u);
    const copies = [
      await CertificateRequest.loadPEM(pem),
      await CertificateRequest.loadPEM(pem.replaceAll("CERTIFICATE", "NEW CERTIFICATE")),
      await CertificateRequest.loadDER(REQUEST.dumpDER()),
    ];
    for (const copy of copies) assert.isTrue(copy.raw.equals(REQUEST.raw));
  });

  it("may ask for nothing, by nobody", async () => {
    const request = await KEY.requestObject(new DistinguishedName());
    assert.isTrue(request.getSubject().empty);
    assert.isEmpty(request.names);
  });

  for (const type of ["rsa", "ed25519"] as const) {
    it(`is made with keys of kind ${type}`, async () => {
      const key = await KeyPair.generate({ type });
      assert.equal((await key.requestObject(DN)).keyHash(), key.keyHash());
    });
  }
  for (const curve of ["P-384", "P-521"] as const) {
    it(`is made with keys on curve ${curve}`, async () => {
      const key = await KeyPair.generate({ curve });
      assert.equal((await key.requestObject(DN)).keyHash(), key.keyHash());
    });
  }

  it("shows itself to people", async () => {
    const dn = new DistinguishedName({ commonName: "Ann" });
    const request = await KEY.requestObject(dn, { names: ["a.example"] });
    const lines = [
      "Certificate Request For Subject:",
      "  Common Name: Ann",
      "",
      "Names: a.example",
      `Public Key with Hash: ${KEY.keyHash()}`,
    ];
    assert.equal(request.inspect(), lines.join("\n"));
    assert.equal(String(request), "CertificateRequest(CN=Ann)");
  });
});

describe("CertificateRequest that is not to be had", () => {
  const der = REQUEST.raw;

  it("is told from one that is", async () => {
    const unreadable = [
      () => CertificateRequest.loadPEM(""),
      () => CertificateRequest.loadPEM(KEY.dumpPEM()),
      () =>
        CertificateRequest.loadPEM(formatPEM("CERTIFICATE REQUEST", Buffer.from("3000", "hex"))),
      () => CertificateRequest.loadDER(Buffer.from(REQUEST.dumpPEM())),
      () => CertificateRequest.loadDER(Buffer.concat([der, Buffer.from([0])])),
      () => CertificateRequest.loadDER(new Uint8Array()),
    ];
    for (const read of unreadable) assert.equal(await problemOf(read), "unreadable");
  });

  it("is refused if somebody else has signed it", async () => {
    const bad = Buffer.from(der);
    const at = bad.indexOf("www.example.com");
    bad.write("xxx", at);
    assert.equal(await problemOf(() => CertificateRequest.loadDER(bad)), "signature");
    await CertificateRequest.loadDER(bad).addErrback(({ value }) => {
      assert.include(String(value), "expected its signature to be by the key that it is for");
    });
  });

  it("fails with nothing but CertificateError", async () => {
    const flip = fc.record({ at: fc.nat(der.length - 1), by: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(flip, async ({ at, by }) => {
        const bad = Buffer.from(der);
        bad.writeUInt8((bad[at] ?? 0) ^ by, at);
        const outcome = await problemOf(() => CertificateRequest.loadDER(bad));
        if (outcome instanceof CertificateRequest) {
          // One bit that is not signed: how many bits the signature leaves unused.
          assert.equal(outcome.inspect(), REQUEST.inspect());
        } else assert.include(["unreadable", "unsupported", "signature"], outcome);
      }),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        assert.equal(await problemOf(() => CertificateRequest.loadDER(bytes)), "unreadable");
      }),
    );
  });
});
