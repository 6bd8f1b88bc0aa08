import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import type { RawCertificate, TLSSession } from "../interfaces-tls.ts";
import { parseAlternativeNames } from "./_alternative-names.ts";
import { formatPEM } from "./_pem.ts";
import { Certificate, type CertifiedTransport } from "./certificate.ts";
import { DistinguishedName } from "./distinguished-name.ts";
import { CertificateError, TLSHostnameError } from "./errors.ts";
import { KeyPair } from "./key-pair.ts";

const KEY = new KeyPair(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
const DN = new DistinguishedName({ commonName: "Ann", organizationName: "Example, Inc." });
const NOT_BEFORE = new Date("2030-01-02T03:04:05Z");
const NAMES = ["www.example.com", "*.example.org", "192.0.2.1", "2001:db8::1"];
const MADE = await KEY.selfSignedCert(0xabc, DN, {
  names: NAMES,
  notBefore: NOT_BEFORE,
  secondsToExpiry: 3600,
});
const CERTIFICATE = MADE.certificate;

function problemOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    assert.instanceOf(error, CertificateError);
    return error.problem;
  }
}

describe("Certificate", () => {
  it("tells what is in it", () => {
    assert.equal(CERTIFICATE.getSubject().toString(), String.raw`CN=Ann,O=Example\, Inc.`);
    assert.isTrue(CERTIFICATE.getIssuer().equals(DN));
    assert.equal(CERTIFICATE.serialNumber, 0xabcn);
    assert.deepEqual(CERTIFICATE.notBefore, NOT_BEFORE);
    assert.deepEqual(CERTIFICATE.notAfter, new Date("2030-01-02T04:04:05Z"));
    assert.deepEqual(CERTIFICATE.names, NAMES);
    assert.isFalse(CERTIFICATE.isAuthority);
    assert.equal(CERTIFICATE.keyHash(), KEY.keyHash());
    assert.isTrue(CERTIFICATE.getPublicKey().equals(KEY.getPublicKey()));
    assert.isTrue(CERTIFICATE.belongsTo(KEY.privateKey));
  });

  it("is read as it was written", () => {
    const copies = [
      Certificate.loadPEM(CERTIFICATE.dumpPEM()),
      Certificate.loadPEM(Buffer.from(CERTIFICATE.dumpPEM())),
      Certificate.loadDER(CERTIFICATE.dumpDER()),
      Certificate.from({ raw: CERTIFICATE.raw }),
    ];
    for (const copy of copies) assert.isTrue(copy.equals(CERTIFICATE));
    assert.strictEqual(Certificate.from(CERTIFICATE), CERTIFICATE);
  });

  it("gives copies away", () => {
    CERTIFICATE.dumpDER().fill(0);
    assert.equal(CERTIFICATE.serialNumber, 0xabcn);
  });

  it("has digests as people compare them", () => {
    assert.match(CERTIFICATE.digest(), /^[\dA-F]{2}(?::[\dA-F]{2}){31}$/u);
    assert.match(CERTIFICATE.digest("sha1"), /^[\dA-F]{2}(?::[\dA-F]{2}){19}$/u);
  });

  it("shows itself to people", () => {
    const lines = [
      "Certificate For Subject:",
      "  Organization Name: Example, Inc.",
      "        Common Name: Ann",
      "",
      "Issuer:",
      "  Organization Name: Example, Inc.",
      "        Common Name: Ann",
      "",
      "Serial Number: 2748",
      "Valid: from 2030-01-02T03:04:05.000Z to 2030-01-02T04:04:05.000Z",
      `Names: ${NAMES.join(", ")}`,
      `Digest: ${CERTIFICATE.digest()}`,
      `Public Key with Hash: ${KEY.keyHash()}`,
    ];
    assert.equal(CERTIFICATE.inspect(), lines.join("\n"));
    assert.equal(inspect(CERTIFICATE), String.raw`Certificate(CN=Ann,O=Example\, Inc.)`);
  });

  it("shows its names where it has no subject", async () => {
    const names = ["a.example", "b.example"];
    const { certificate } = await KEY.selfSignedCert(1, new DistinguishedName(), { names });
    assert.equal(certificate.toString(), "Certificate(a.example, b.example)");
  });
});

describe("Certificate.matches() (RFC 9525 §6)", () => {
  const matching = [
    "www.example.com",
    "WWW.Example.Com.",
    "a.example.org",
    "192.0.2.1",
    "2001:DB8:0:0::1",
    "[2001:db8::1]",
  ];
  for (const hostname of matching) {
    it(`is for ${hostname}`, () => {
      assert.isTrue(CERTIFICATE.matches(hostname));
    });
  }

  const others = ["example.com", "example.org", "a.b.example.org", "192.0.2.2", "::1", "Ann"];
  for (const hostname of others) {
    it(`is not for ${hostname}`, () => {
      assert.isFalse(CERTIFICATE.matches(hostname));
    });
  }

  it("does not look at the common name", async () => {
    const dn = new DistinguishedName({ commonName: "www.example.com" });
    const { certificate } = await KEY.selfSignedCert(1, dn);
    assert.isFalse(certificate.matches("www.example.com"));
  });

  it("refuses what is no name", () => {
    assert.throws(() => CERTIFICATE.matches("www.example.com\0.evil.example"), TLSHostnameError);
  });
});

describe("Certificate.isIssuedBy()", () => {
  it("asks for the signature", async () => {
    const authority = await KEY.selfSignedCert(1, DN, { authority: true });
    const impostorKey = await KeyPair.generate();
    const impostor = await impostorKey.selfSignedCert(1, DN, { authority: true });
    const key = await KeyPair.generate();
    const request = await key.requestObject(new DistinguishedName({ commonName: "Bob" }));
    const certificate = await authority.signRequestObject(request, 2);
    assert.isTrue(certificate.isIssuedBy(authority.certificate));
    assert.isFalse(certificate.isIssuedBy(impostor.certificate));
    assert.isFalse(certificate.isIssuedBy(certificate));
    assert.isTrue(authority.certificate.isIssuedBy(authority.certificate));
  });
});

describe("Certificate that cannot be read", () => {
  const der = CERTIFICATE.raw;
  const pem = CERTIFICATE.dumpPEM();

  it("is told from one that can", () => {
    const unreadable = [
      () => Certificate.loadPEM(""),
      () => Certificate.loadPEM(KEY.dumpPEM()),
      () => Certificate.loadPEM(formatPEM("CERTIFICATE", Buffer.from("3000", "hex"))),
      () => Certificate.loadChainPEM(pem + formatPEM("CERTIFICATE", der.subarray(1))),
      () => Certificate.loadDER(Buffer.from(pem)),
      () => Certificate.loadDER(Buffer.concat([der, Buffer.from([0])])),
      () => Certificate.loadDER(new Uint8Array()),
    ];
    for (const read of unreadable) assert.equal(problemOf(read), "unreadable");
  });

  it("says what was found instead", () => {
    assert.throws(
      () => Certificate.loadPEM(KEY.dumpPEM()),
      'Cannot read certificate: expected a PEM block "CERTIFICATE", got "PRIVATE KEY"',
    );
  });

  it("throws nothing but CertificateError, nor does what is still readable", () => {
    const flip = fc.record({ at: fc.nat(der.length - 1), by: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 3 }), (flips) => {
        const bad = Buffer.from(der);
        for (const { at, by } of flips) bad.writeUInt8((bad[at] ?? 0) ^ by, at);
        problemOf(() => {
          const certificate = Certificate.loadDER(bad);
          certificate.matches("www.example.com");
          certificate.isIssuedBy(CERTIFICATE);
          certificate.belongsTo(KEY.privateKey);
          certificate.toString();
          return certificate.inspect();
        });
      }),
      { numRuns: 1000 },
    );
  });
});

describe("parseAlternativeNames()", () => {
  it("is not led astray by names with commas and quotes (CVE-2021-44532)", () => {
    const text = [
      String.raw`DNS:"a\u002c DNS:evil.example"`,
      String.raw`DNS:"x\"y"`,
      "email:a@b.example",
      String.raw`URI:"http://x/\u002cDNS:no"`,
      "Registered ID:1.2.3",
      "IP Address:10.0.0.1",
      "IP Address:0:0:0:0:0:0:0:1",
      "IP Address:<invalid length=5>",
      "DNS:*.w.example",
    ].join(", ");
    assert.deepEqual(parseAlternativeNames(text), [
      "a, DNS:evil.example",
      'x"y',
      "10.0.0.1",
      "::1",
      "*.w.example",
    ]);
    assert.deepEqual(parseAlternativeNames(undefined), []);
  });

  it("reads any text", () => {
    const piece = fc.oneof(fc.constantFrom("DNS:", ", ", '"', "\\", "IP Address:"), fc.string());
    fc.assert(
      fc.property(fc.array(piece), (pieces) => void parseAlternativeNames(pieces.join(""))),
    );
  });
});

class StubTransport implements CertifiedTransport {
  readonly tlsSession: TLSSession | undefined;

  constructor(certificates?: Pick<TLSSession, "peerCertificate" | "hostCertificate">) {
    this.tlsSession = certificates && {
      version: "TLSv1.3",
      cipher: "TLS_AES_128_GCM_SHA256",
      negotiatedProtocol: undefined,
      serverName: "",
      resumed: false,
      ...certificates,
    };
  }

  getPeerCertificate(): RawCertificate | undefined {
    return this.tlsSession?.peerCertificate;
  }
}

describe("Certificate of a connection", () => {
  const raw = { raw: CERTIFICATE.raw };

  it("is the peer's, or ours", () => {
    const seen = new StubTransport({ peerCertificate: raw, hostCertificate: undefined });
    assert.isTrue(Certificate.peerFromTransport(seen).equals(CERTIFICATE));
    const shown = new StubTransport({ peerCertificate: undefined, hostCertificate: raw });
    assert.isTrue(Certificate.hostFromTransport(shown).equals(CERTIFICATE));
  });

  it("is not there before the handshake is done", () => {
    const transport = new StubTransport();
    const message = "the TLS handshake is not done, wait for handshakeCompleted";
    assert.throws(() => Certificate.peerFromTransport(transport), message);
    assert.throws(() => Certificate.hostFromTransport(transport), message);
    assert.equal(
      problemOf(() => Certificate.peerFromTransport(transport)),
      "absent",
    );
  });

  it("is not there if none was shown", () => {
    const none = { peerCertificate: undefined, hostCertificate: undefined };
    const transport = new StubTransport(none);
    assert.throws(() => Certificate.peerFromTransport(transport), "none was shown");
    assert.equal(
      problemOf(() => Certificate.hostFromTransport(transport)),
      "absent",
    );
  });
});
