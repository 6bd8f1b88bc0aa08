import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { succeed } from "../../defer/combinators.ts";
import { Certificate } from "./certificate.ts";
import { DistinguishedName } from "./distinguished-name.ts";
import { CertificateError, TLSHostnameError } from "./errors.ts";
import { KeyPair } from "./key-pair.ts";
import { PrivateCertificate } from "./private-certificate.ts";

function newKey(): KeyPair {
  return new KeyPair(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
}

function named(commonName: string): DistinguishedName {
  return new DistinguishedName({ commonName });
}

const ROOT = await newKey().selfSignedCert(1, named("Root"), { authority: true });
const MIDDLE_KEY = newKey();
const MIDDLE = MIDDLE_KEY.newCertificate(
  await ROOT.signRequestObject(await MIDDLE_KEY.requestObject(named("Middle")), 2, {
    authority: true,
  }),
);
const LEAF_KEY = newKey();
const REQUEST = await LEAF_KEY.requestObject(named("Leaf"), { names: ["leaf.example"] });
const LEAF = LEAF_KEY.newCertificate(await MIDDLE.signRequestObject(REQUEST, 3), [
  MIDDLE.certificate,
]);
const PASSPHRASE = { passphrase: "correct horse" };

async function problemOf(make: () => unknown): Promise<unknown> {
  try {
    return await make();
  } catch (error) {
    assert.instanceOf(error, CertificateError);
    return error.problem;
  }
}

function describeAll({ certificate, chain }: PrivateCertificate): string[] {
  return [certificate, ...chain].map((one) => String(one.getSubject()));
}

describe("PrivateCertificate in PEM", () => {
  const key = LEAF_KEY.dumpPEM();
  const [leaf, middle] = [LEAF.certificate.dumpPEM(), MIDDLE.certificate.dumpPEM()];
  const orders = {
    "key first": [key, leaf, middle],
    "key last": [leaf, middle, key],
    "key between": [leaf, key, middle],
    "chain first": [middle, leaf, key],
    "the certificate twice": [leaf, middle, leaf, key],
  };
  for (const [order, texts] of Object.entries(orders)) {
    it(`is read in any order: ${order}`, () => {
      const read = PrivateCertificate.loadPEM(texts.join("some text\n"));
      assert.deepEqual(describeAll(read), ["CN=Leaf", "CN=Middle"]);
      assert.isTrue(read.privateKey.equals(LEAF_KEY.privateKey));
    });
  }

  it("is read as it was written, with and without a passphrase", async () => {
    assert.deepEqual(describeAll(PrivateCertificate.loadPEM(LEAF.dumpPEM())), describeAll(LEAF));
    const text = LEAF.dumpPEM(PASSPHRASE);
    assert.deepEqual(describeAll(PrivateCertificate.loadPEM(text, PASSPHRASE)), describeAll(LEAF));
    assert.equal(await problemOf(() => PrivateCertificate.loadPEM(text)), "passphrase");
  });

  it("needs a key, and a certificate for it", async () => {
    assert.equal(await problemOf(() => PrivateCertificate.loadPEM(leaf)), "unreadable");
    assert.equal(await problemOf(() => PrivateCertificate.loadPEM(key)), "unreadable");
    assert.equal(await problemOf(() => PrivateCertificate.loadPEM(key + middle)), "mismatch");
  });
});

describe("PrivateCertificate", () => {
  it("is not made of what does not belong together", async () => {
    const other = newKey();
    const make = [
      () => PrivateCertificate.fromCertificateAndKeyPair(LEAF.certificate, other),
      () => other.newCertificate(LEAF.certificate),
      () => LEAF.newCertificate(MIDDLE.certificate),
    ];
    for (const one of make) assert.equal(await problemOf(one), "mismatch");
    const message = "Cannot use Certificate(CN=Leaf) with this private key: it is for another one";
    assert.throws(() => other.newCertificate(LEAF.certificate), message);
  });

  it("is renewed with its key and its chain", async () => {
    const newer = LEAF.newCertificate(await MIDDLE.signRequestObject(REQUEST, 4));
    assert.equal(newer.certificate.serialNumber, 4n);
    assert.deepEqual(describeAll(newer), describeAll(LEAF));
  });

  it("makes the options of a server, which asks for certificates if there are authorities", () => {
    const open = LEAF.options().settings;
    assert.deepEqual([open.trustRoot, open.requireCertificate], [undefined, false]);
    assert.equal(open.certificate, LEAF.certificate.dumpPEM() + MIDDLE.certificate.dumpPEM());
    const closed = LEAF.options(ROOT, MIDDLE.certificate).settings;
    assert.isTrue(closed.requireCertificate);
    const pems = [ROOT.certificate.dumpPEM(), MIDDLE.certificate.dumpPEM()];
    assert.deepEqual(closed.trustRoot, pems);
  });

  it("shows nothing of its key", () => {
    assert.equal(String(LEAF), "PrivateCertificate(CN=Leaf)");
    assert.equal(inspect(LEAF, { depth: 9 }), String(LEAF));
    assert.equal(LEAF.inspect(), LEAF.certificate.inspect());
    assert.notInclude(JSON.stringify(LEAF), "PRIVATE KEY");
  });
});

describe("PrivateCertificate.signRequestObject()", () => {
  it("makes a chain that is signed from end to end", () => {
    assert.isTrue(LEAF.certificate.isIssuedBy(MIDDLE.certificate));
    assert.isTrue(MIDDLE.certificate.isIssuedBy(ROOT.certificate));
    assert.isFalse(LEAF.certificate.isIssuedBy(ROOT.certificate));
  });

  it("grants subject, key and names, and no more", async () => {
    const { certificate } = LEAF;
    assert.equal(String(certificate.getSubject()), "CN=Leaf");
    assert.equal(String(certificate.getIssuer()), "CN=Middle");
    assert.deepEqual(certificate.names, ["leaf.example"]);
    assert.equal(certificate.serialNumber, 3n);
    assert.isFalse(certificate.isAuthority);
    const other = await MIDDLE.signRequestObject(REQUEST, 5, { names: ["other.example"] });
    assert.deepEqual(other.names, ["other.example"]);
  });

  it("is good from now on for a year, or as told", async () => {
    const year = LEAF.certificate.notAfter.getTime() - LEAF.certificate.notBefore.getTime();
    assert.equal(year, 365 * 86_400_000);
    const notBefore = new Date("2049-12-31T23:59:59Z");
    const options = { notBefore, secondsToExpiry: 2 };
    const { notAfter } = await MIDDLE.signRequestObject(REQUEST, 6, options);
    assert.deepEqual(notAfter, new Date("2050-01-01T00:00:01Z"));
    const ever = await MIDDLE.signRequestObject(REQUEST, 7, { secondsToExpiry: 1e12 });
    assert.deepEqual(ever.notAfter, new Date("9999-12-31T23:59:59Z"));
  });

  it("takes serial numbers of up to 159 bits", async () => {
    for (const serial of [0x7fn, 0x80n, 0x1234n, (1n << 159n) - 1n]) {
      const { serialNumber } = await MIDDLE.signRequestObject(REQUEST, serial);
      assert.equal(serialNumber, serial);
    }
  });

  it("is for authorities", async () => {
    assert.equal(await problemOf(() => LEAF.signRequestObject(REQUEST, 8)), "not-authority");
  });

  it("throws for a bad argument, and fails for a bad request", async () => {
    assert.throws(() => void MIDDLE.signRequestObject(REQUEST, 0), RangeError);
    assert.throws(
      () => void MIDDLE.signRequestObject(REQUEST, 9, { names: ["a b"] }),
      TLSHostnameError,
    );
    const odd = await oddRequest();
    assert.deepEqual(odd.names, ["a b"]);
    assert.equal(await problemOf(() => MIDDLE.signRequestObject(odd, 9)), "unsupported");
    const named = await MIDDLE.signRequestObject(odd, 9, { names: ["ab.example"] });
    assert.deepEqual(named.names, ["ab.example"]);
  });
});

describe("PrivateCertificate.signCertificateRequest()", () => {
  it("asks whether the request is to be granted", async () => {
    const asked: string[] = [];
    const accept = (request: { readonly names: readonly string[] }): boolean => {
      asked.push(...request.names);
      return true;
    };
    const fromPEM = await MIDDLE.signCertificateRequest(REQUEST.dumpPEM(), accept, 10);
    const later = (): PromiseLike<boolean> => succeed(true);
    const fromDER = await MIDDLE.signCertificateRequest(REQUEST.dumpDER(), later, 11);
    assert.deepEqual(asked, ["leaf.example"]);
    assert.deepEqual([fromPEM.serialNumber, fromDER.serialNumber], [10n, 11n]);
    assert.instanceOf(fromDER, Certificate);
  });

  it("fails if it is not", async () => {
    const sign = (judge: () => boolean | PromiseLike<boolean>): PromiseLike<unknown> =>
      MIDDLE.signCertificateRequest(REQUEST.dumpPEM(), judge, 12);
    assert.equal(await problemOf(() => sign(() => false)), "refused");
    assert.equal(await problemOf(() => sign(() => succeed(false))), "refused");
    const seen = await MIDDLE.signCertificateRequest(
      REQUEST.dumpPEM(),
      () => {
        throw new RangeError("judge");
      },
      12,
    ).addErrback(({ value }) => value);
    assert.instanceOf(seen, RangeError);
  });

  it("does not ask about what cannot be read", async () => {
    const never = (): boolean => assert.fail("asked");
    const sign = (): PromiseLike<unknown> => MIDDLE.signCertificateRequest("x", never, 13);
    assert.equal(await problemOf(sign), "unreadable");
  });
});

/** What no program of ours makes: signed as it should be, with a name that is none. */
async function oddRequest(): Promise<Awaited<ReturnType<KeyPair["requestObject"]>>> {
  const { webcrypto } = await import("node:crypto");
  const { signingKeys, x509Library } = await import("./_x509-library.ts");
  const { CertificateRequest } = await import("./certificate-request.ts");
  const library = await x509Library();
  const made = await library.Pkcs10CertificateRequestGenerator.create(
    {
      name: [{ CN: ["Odd"] }],
      keys: await signingKeys(LEAF_KEY.privateKey),
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      extensions: [new library.SubjectAlternativeNameExtension([{ type: "dns", value: "a b" }])],
    },
    webcrypto,
  );
  return CertificateRequest.loadDER(Buffer.from(made.rawData));
}
