/**
 * The verdicts are those that the Node reactor has for the same chains.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { DistinguishedName } from "../../../internet/tls/distinguished-name.ts";
import { KeyPair } from "../../../internet/tls/key-pair.ts";
import { PrivateCertificate } from "../../../internet/tls/private-certificate.ts";
import { type KnownCertificate, knownCertificates } from "./known-certificate.ts";
import { chainError, nameError, type Question } from "./verification.ts";

const BEGIN = Date.UTC(2001, 8, 9) / 1000;
const DAY = 86_400;
const names = { names: ["localhost", "*.all.example", "127.0.0.1"], secondsToExpiry: DAY };
const dated = { notBefore: new Date(BEGIN * 1000) };
const authority = { authority: true, secondsToExpiry: 10 * DAY, ...dated };

const dn = (commonName: string): DistinguishedName => new DistinguishedName({ commonName });
const known = (one: PrivateCertificate["certificate"]): KnownCertificate => {
  const [first] = knownCertificates(one.dumpPEM());
  if (first === undefined) throw new Error("Expected a certificate");
  return first;
};

/** A root, one below it, and a server's certificate; and one that has signed itself. */
async function certificates(): Promise<
  Record<"root" | "middle" | "leaf" | "alone", KnownCertificate>
> {
  const [rootKey, middleKey, leafKey] = await Promise.all(
    [1, 2, 3].map(() => KeyPair.generate().toPromise()),
  );
  if (rootKey === undefined || middleKey === undefined || leafKey === undefined) {
    throw new Error("Expected keys");
  }
  const root = await rootKey.selfSignedCert(1, dn("root"), authority);
  const middle = await root.signRequestObject(
    await middleKey.requestObject(dn("middle")),
    2,
    authority,
  );
  const signer = new PrivateCertificate(middle, middleKey);
  const request = await leafKey.requestObject(dn("leaf"));
  const leaf = await signer.signRequestObject(request, 3, { ...names, ...dated });
  const alone = await leafKey.selfSignedCert(4, dn("alone"), { ...names, ...dated });
  return {
    root: known(root.certificate),
    middle: known(middle),
    leaf: known(leaf),
    alone: known(alone.certificate),
  };
}

const made = certificates();

async function why(
  ask: (all: Awaited<typeof made>) => Partial<Question> & Pick<Question, "chain" | "trusted">,
): Promise<string | undefined> {
  const question = { date: BEGIN + 1, role: "server", ...ask(await made) } as const;
  return chainError(question)?.why;
}

describe("chainError()", () => {
  it("finds nothing wrong with a chain up to somebody who is trusted", async () => {
    for (const question of [
      ({ leaf, middle, root }: Awaited<typeof made>) => ({
        chain: [leaf, middle],
        trusted: [root],
      }),
      ({ leaf, middle, root }: Awaited<typeof made>) => ({
        chain: [leaf, root, middle],
        trusted: [root],
      }),
      ({ leaf, middle }: Awaited<typeof made>) => ({ chain: [leaf], trusted: [middle] }),
      ({ leaf }: Awaited<typeof made>) => ({ chain: [leaf], trusted: [leaf] }),
      ({ alone }: Awaited<typeof made>) => ({ chain: [alone], trusted: [alone] }),
    ]) {
      assert.isUndefined(await why(question));
    }
  });

  it("says who is missing", async () => {
    const missing = "UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
    assert.equal(await why(({ leaf, root }) => ({ chain: [leaf], trusted: [root] })), missing);
    assert.equal(
      await why(({ leaf, middle, alone }) => ({ chain: [leaf, middle], trusted: [alone] })),
      missing,
    );
    assert.equal(
      await why(({ leaf, middle, root, alone }) => ({
        chain: [leaf, middle, root],
        trusted: [alone],
      })),
      "SELF_SIGNED_CERT_IN_CHAIN",
    );
    assert.equal(
      await why(({ alone, root }) => ({ chain: [alone], trusted: [root] })),
      "DEPTH_ZERO_SELF_SIGNED_CERT",
    );
  });

  it("trusts nobody whom the platform would: there are no public authorities", async () => {
    const trusted = "platform";
    assert.equal(
      await why(({ alone }) => ({ chain: [alone], trusted })),
      "DEPTH_ZERO_SELF_SIGNED_CERT",
    );
    assert.equal(
      await why(({ leaf }) => ({ chain: [leaf], trusted })),
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    );
    assert.equal(
      await why(({ leaf, middle, root }) => ({ chain: [leaf, middle, root], trusted })),
      "SELF_SIGNED_CERT_IN_CHAIN",
    );
  });

  it("goes by the date that it is told, RFC 5280 §6.1.3", async () => {
    const at = (date: number): Promise<string | undefined> =>
      why(({ leaf, middle, root }) => ({ chain: [leaf, middle], trusted: [root], date }));
    assert.equal(await at(BEGIN - 1), "CERT_NOT_YET_VALID");
    assert.isUndefined(await at(BEGIN));
    assert.isUndefined(await at(BEGIN + DAY));
    assert.equal(await at(BEGIN + DAY + 1), "CERT_HAS_EXPIRED");
  });

  it("tells of the date rather than of the signature, as OpenSSL does", async () => {
    assert.equal(
      await why(({ alone, root }) => ({ chain: [alone], trusted: [root], date: BEGIN + 2 * DAY })),
      "CERT_HAS_EXPIRED",
    );
  });
});

describe("nameError()", () => {
  it("takes names, names below a star, and addresses, RFC 9525 §6", async () => {
    const { leaf } = await made;
    for (const good of ["localhost", "a.all.example", "127.0.0.1"]) {
      assert.isUndefined(nameError(leaf, good), good);
    }
    for (const bad of ["all.example", "a.b.all.example", "127.0.0.2", "leaf"]) {
      assert.equal(nameError(leaf, bad)?.why, "ERR_TLS_CERT_ALTNAME_INVALID", bad);
    }
  });

  it("takes a common name for nothing, §2", async () => {
    const { middle } = await made;
    assert.equal(nameError(middle, "middle")?.why, "ERR_TLS_CERT_ALTNAME_INVALID");
  });
});
