import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { formatPEM } from "./_pem.ts";
import { DistinguishedName } from "./distinguished-name.ts";
import { CertificateError, TLSHostnameError } from "./errors.ts";
import { KeyPair } from "./key-pair.ts";

const EC = new KeyPair(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
const RSA = new KeyPair(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);
const ED25519 = new KeyPair(generateKeyPairSync("ed25519").privateKey);
const PASSPHRASE = { passphrase: "correct horse" };

/** What is the matter, for programs. */
async function problemOf(make: () => unknown): Promise<unknown> {
  try {
    return await make();
  } catch (error) {
    assert.instanceOf(error, CertificateError);
    assert.equal(error.code, "ERR_CERTIFICATE");
    return error.problem;
  }
}

function kindOf({ privateKey }: KeyPair): unknown {
  const { namedCurve, modulusLength } = privateKey.asymmetricKeyDetails ?? {};
  return [privateKey.asymmetricKeyType, namedCurve ?? modulusLength];
}

describe("KeyPair.generate()", () => {
  it("makes EC on P-256 unless told otherwise", async () => {
    assert.deepEqual(kindOf(await KeyPair.generate()), ["ec", "prime256v1"]);
    assert.deepEqual(kindOf(await KeyPair.generate({ curve: "P-384" })), ["ec", "secp384r1"]);
    assert.deepEqual(kindOf(await KeyPair.generate({ type: "rsa" })), ["rsa", 2048]);
    assert.deepEqual(kindOf(await KeyPair.generate({ type: "ed25519" })), ["ed25519", undefined]);
  });

  it("makes another one each time", async () => {
    const [one, other] = [await KeyPair.generate(), await KeyPair.generate()];
    assert.isFalse(one.matches(other));
    assert.isTrue(one.matches(one));
  });

  for (const size of [0, 1024, 2048.5, 16_385, Number.NaN]) {
    it(`refuses RSA of ${String(size)} bits at once`, () => {
      assert.throws(
        () => void KeyPair.generate({ type: "rsa", size }),
        RangeError,
        "2048 to 16384",
      );
    });
  }

  it("forgets a key that nobody wants any more", async () => {
    const key = KeyPair.generate();
    const lost = key.addErrback(() => "cancelled");
    key.cancel();
    assert.equal(await lost, "cancelled");
  });
});

describe("KeyPair in PEM and DER", () => {
  const forms = [
    { form: "pkcs8" },
    { form: "traditional" },
    { form: "pkcs8", ...PASSPHRASE },
  ] as const;
  for (const [name, key] of Object.entries({ EC, RSA, ED25519 })) {
    for (const options of forms) {
      if (key === ED25519 && options.form === "traditional") continue;
      it(`${name} is read as it was written with ${JSON.stringify(options)}`, () => {
        assert.isTrue(KeyPair.loadPEM(key.dumpPEM(options), PASSPHRASE).matches(key));
        assert.isTrue(KeyPair.loadPEM(Buffer.from(key.dumpPEM(options)), PASSPHRASE).matches(key));
        assert.isTrue(KeyPair.loadDER(key.dumpDER(options), PASSPHRASE).matches(key));
      });
    }
  }

  it("is labelled by its form", () => {
    assert.match(EC.dumpPEM(), /^-----BEGIN PRIVATE KEY-----\n/u);
    assert.match(EC.dumpPEM({ form: "traditional" }), /^-----BEGIN EC PRIVATE KEY-----\n/u);
    assert.match(RSA.dumpPEM({ form: "traditional" }), /^-----BEGIN RSA PRIVATE KEY-----\n/u);
    assert.match(EC.dumpPEM(PASSPHRASE), /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/u);
  });

  it("has no traditional form for EdDSA, nor for passphrases", () => {
    assert.throws(() => ED25519.dumpPEM({ form: "traditional" }), TypeError, "kind ed25519");
    assert.throws(() => EC.dumpPEM({ form: "traditional", ...PASSPHRASE }), TypeError, "pkcs8");
  });

  it("needs the right passphrase", async () => {
    const pem = EC.dumpPEM(PASSPHRASE);
    const der = EC.dumpDER(PASSPHRASE);
    const old = RSA.privateKey.export({
      type: "pkcs1",
      format: "pem",
      cipher: "aes-256-cbc",
      ...PASSPHRASE,
    });
    assert.isTrue(KeyPair.loadPEM(old.toString(), PASSPHRASE).matches(RSA));
    const wrong = { passphrase: "wrong" };
    for (const options of [{}, wrong, { passphrase: "" }]) {
      assert.equal(await problemOf(() => KeyPair.loadPEM(pem, options)), "passphrase");
      assert.equal(await problemOf(() => KeyPair.loadDER(der, options)), "passphrase");
      assert.equal(await problemOf(() => KeyPair.loadPEM(old.toString(), options)), "passphrase");
    }
  });

  it("is the one key of its text", async () => {
    const pem = EC.dumpPEM();
    const curve = Buffer.from("06082a8648ce3d030107", "hex");
    const text = `for ann\n${formatPEM("EC PARAMETERS", curve)}`;
    assert.isTrue(KeyPair.loadPEM(text + pem).matches(EC));
    assert.equal(await problemOf(() => KeyPair.loadPEM(text)), "unreadable");
    assert.equal(await problemOf(() => KeyPair.loadPEM(pem + pem)), "unreadable");
  });

  it("says what it has found instead", () => {
    const publicPEM = EC.getPublicKey().export({ type: "spki", format: "pem" }).toString();
    assert.throws(() => KeyPair.loadPEM(publicPEM), 'got "PUBLIC KEY"');
    assert.throws(() => KeyPair.loadPEM("hello"), "got a text without any PEM block");
    const empty = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    assert.throws(() => KeyPair.loadPEM(empty), "Cannot read private key: it is damaged");
  });

  it("is never read from damaged bytes with another error", async () => {
    const good = EC.dumpDER();
    const place = fc.nat(good.length - 1);
    const property = fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bad = Buffer.from(good);
      bad.writeUInt8((bad[at] ?? 0) ^ flip, at);
      await problemOf(() => KeyPair.loadDER(bad));
      await problemOf(() => KeyPair.loadDER(bad.subarray(0, at)));
    });
    await fc.assert(property);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        assert.equal(await problemOf(() => KeyPair.loadDER(bytes)), "unreadable");
      }),
    );
  });
});

describe("KeyPair", () => {
  it("is made of private keys only", () => {
    assert.throws(() => new KeyPair(EC.getPublicKey()), TypeError, "got public");
  });

  it("hashes its public half (SHA-256)", () => {
    assert.match(EC.keyHash(), /^[\da-f]{64}$/u);
    assert.equal(KeyPair.loadPEM(EC.dumpPEM()).keyHash(), EC.keyHash());
  });

  it("shows nothing of its private half", () => {
    const shown = [EC.inspect(), String(EC), inspect(EC, { depth: 9 }), JSON.stringify({ EC })];
    assert.deepEqual(shown.slice(0, 3), [
      `Key Pair (EC, prime256v1) with Hash: ${EC.keyHash()}`,
      `KeyPair(ec, ${EC.keyHash()})`,
      `KeyPair(ec, ${EC.keyHash()})`,
    ]);
    assert.equal(shown[3], '{"EC":{"privateKey":{}}}');
    assert.equal(RSA.inspect(), `Key Pair (RSA, 2048) with Hash: ${RSA.keyHash()}`);
  });
});

describe("KeyPair that cannot sign certificates", () => {
  const dn = new DistinguishedName({ commonName: "Ann" });
  const others: Record<string, KeyObject> = {
    x25519: generateKeyPairSync("x25519").privateKey,
    ed448: generateKeyPairSync("ed448").privateKey,
    secp256k1: generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey,
  };
  for (const [kind, privateKey] of Object.entries(others)) {
    it(`says so for ${kind}`, async () => {
      const key = new KeyPair(privateKey);
      assert.equal(await problemOf(() => key.requestObject(dn)), "unsupported");
      assert.equal(await problemOf(() => key.selfSignedCert(1, dn)), "unsupported");
    });
  }

  it("refuses bad arguments at once", () => {
    assert.throws(() => void EC.requestObject(dn, { names: ["a b"] }), TLSHostnameError);
    assert.throws(() => void EC.selfSignedCert(1, dn, { names: [""] }), TLSHostnameError);
    assert.throws(() => void EC.selfSignedCert(1, dn, { secondsToExpiry: 0 }), RangeError);
    for (const serial of [0, -1, 1n << 159n]) {
      assert.throws(() => void EC.selfSignedCert(serial, dn), RangeError, "1 to 159 bits");
    }
    const notBefore = new Date(Number.NaN);
    assert.throws(() => void EC.selfSignedCert(1, dn, { notBefore }), RangeError, "no date");
  });

  it("knows the number of a type, or refuses to encode it", async () => {
    const odd = DistinguishedName.parse("foo=bar");
    assert.equal(await problemOf(() => EC.selfSignedCert(1, odd)), "unsupported");
  });
});
