import { assert, describe, it } from "vitest";
import { testCertificate } from "./test-certificate.ts";

/** When the clocks of tests begin. */
const MEMORY_YEAR = 2001;

function years({ notBefore, notAfter }: { notBefore: Date; notAfter: Date }): readonly number[] {
  return [notBefore.getUTCFullYear(), notAfter.getUTCFullYear()];
}

describe("testCertificate()", () => {
  it("is for this machine, signed by itself, and good for long", async () => {
    const { certificate } = await testCertificate();
    assert.deepEqual(certificate.names, ["localhost", "127.0.0.1", "::1"]);
    assert.isTrue(certificate.isIssuedBy(certificate));
    assert.isFalse(certificate.isAuthority);
    const [from = 0, to = 0] = years(certificate);
    assert.isBelow(from, MEMORY_YEAR);
    assert.isAbove(to, 2090);
  });

  it("is made once for each content", async () => {
    const names = ["a.example"];
    const first = await testCertificate({ names });
    assert.equal(await testCertificate({ names: ["a.example"] }), first);
    const others = [
      await testCertificate({ names: ["b.example"] }),
      await testCertificate({ names, serialNumber: 7 }),
      await testCertificate({ names, expired: true }),
      await testCertificate({ names, issuer: await testCertificate({ authority: true }) }),
    ];
    assert.equal(new Set([first, ...others]).size, 5);
    assert.equal(others[1]?.certificate.serialNumber, 7n);
  });

  it("is signed by an authority, and carries the chain below its root", async () => {
    const root = await testCertificate({ names: ["Root"], authority: true });
    const middle = await testCertificate({ names: ["Middle"], authority: true, issuer: root });
    const leaf = await testCertificate({ names: ["www.example.com"], issuer: middle });
    assert.isTrue(root.certificate.isAuthority);
    assert.equal(root.certificate.getSubject().toString(), "CN=Root");
    assert.isTrue(leaf.certificate.isIssuedBy(middle.certificate));
    assert.isTrue(middle.certificate.isIssuedBy(root.certificate));
    assert.deepEqual([root.chain, middle.chain, leaf.chain], [[], [], [middle.certificate]]);
  });

  it("is over, or not good yet, by every clock", async () => {
    const over = await testCertificate({ expired: true });
    assert.deepEqual(years(over.certificate), [1990, 1991]);
    const early = await testCertificate({ notYetValid: true });
    assert.deepEqual(years(early.certificate), [2100, 2101]);
    assert.throws(() => void testCertificate({ expired: true, notYetValid: true }), TypeError);
  });

  it("fails each time for what cannot be made", async () => {
    const issuer = await testCertificate();
    for (const attempt of [1, 2]) {
      const made = testCertificate({ names: ["x.example"], issuer }).toPromise();
      const error: unknown = await made.catch((reason: unknown) => reason);
      assert.match(String(error), /expected an authority's certificate/u, String(attempt));
    }
  });
});
