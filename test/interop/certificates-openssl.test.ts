/**
 * Keys, certificates and requests: what we make, OpenSSL's program reads and verifies; what it
 * makes, we read.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Certificate,
  CertificateRequest,
  DiffieHellmanParameters,
  DistinguishedName,
  KeyPair,
  type KeyPairOptions,
  PrivateCertificate,
  selfSignedCertificate,
} from "sennit/tls";
import { assert, describe, it, type TestContext } from "vitest";
import { peer } from "./peers.ts";

const openssl = peer("openssl", "openssl");

/** The program, in a folder of its own. */
class Workshop {
  readonly #program: string;
  readonly #folder: string;

  constructor(context: TestContext) {
    this.#program = openssl.path(context);
    this.#folder = mkdtempSync(join(tmpdir(), "sennit-openssl-"));
    context.onTestFinished(() => rmSync(this.#folder, { recursive: true }));
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.#folder, name), content);
  }

  read(name: string): Buffer {
    return readFileSync(join(this.#folder, name));
  }

  text(name: string): string {
    return this.read(name).toString();
  }

  /** What it prints; it must succeed. */
  run(...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(this.#program, args, {
      cwd: this.#folder,
      encoding: "utf8",
    });
    assert.equal(status, 0, `openssl ${args.join(" ")}: ${stderr}`);
    return stdout + stderr;
  }

  /** What it says when it must fail. */
  fail(...args: readonly string[]): string {
    const options = { cwd: this.#folder, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(this.#program, args, options);
    assert.notEqual(status, 0, `openssl ${args.join(" ")}: ${stdout}`);
    return stdout + stderr;
  }
}

const DN = DistinguishedName.parse(
  String.raw`emailAddress=ann@example.com,CN=Änn \"Test\"\, Sr.,OU=Sales+UID=ann,O=Example,C=DE`,
);
const NAMES = ["www.example.com", "*.example.org", "192.0.2.1", "2001:db8::1"];

const KINDS: Record<string, KeyPairOptions> = {
  "EC on P-256": { type: "ec", curve: "P-256" },
  "EC on P-384": { type: "ec", curve: "P-384" },
  "EC on P-521": { type: "ec", curve: "P-521" },
  RSA: { type: "rsa", size: 2048 },
  Ed25519: { type: "ed25519" },
};

for (const [kind, options] of Object.entries(KINDS)) {
  describe(`with keys of kind ${kind}, openssl`, () => {
    it("verifies a chain of ours: root, intermediate, server", async (context) => {
      const shop = new Workshop(context);
      const rootName = new DistinguishedName({ commonName: "Root" });
      const authority = { authority: true };
      const root = await (await KeyPair.generate(options)).selfSignedCert(1, rootName, authority);
      const middleKey = await KeyPair.generate(options);
      const middleRequest = await middleKey.requestObject(
        new DistinguishedName({ commonName: "Middle" }),
      );
      const middle = middleKey.newCertificate(
        await root.signRequestObject(middleRequest, 2, authority),
      );
      const key = await KeyPair.generate(options);
      const request = await key.requestObject(DN, { names: NAMES });
      const leaf = await middle.signRequestObject(request, 3);

      shop.write("root.pem", root.certificate.dumpPEM());
      shop.write("middle.pem", middle.certificate.dumpPEM());
      shop.write("leaf.pem", leaf.dumpPEM());
      const chain = ["-x509_strict", "-CAfile", "root.pem", "-untrusted", "middle.pem"];
      for (const purpose of ["sslserver", "sslclient"]) {
        const said = shop.run("verify", ...chain, "-purpose", purpose, "leaf.pem");
        assert.equal(said, "leaf.pem: OK\n");
      }
      shop.run("verify", ...chain, "-verify_hostname", "a.example.org", "leaf.pem");
      shop.run("verify", ...chain, "-verify_ip", "2001:db8::1", "leaf.pem");
      shop.fail("verify", ...chain, "-verify_hostname", "a.b.example.org", "leaf.pem");
      shop.fail("verify", "-CAfile", "root.pem", "leaf.pem");
    });

    it("verifies a request of ours", async (context) => {
      const shop = new Workshop(context);
      const key = await KeyPair.generate(options);
      shop.write("request.pem", (await key.requestObject(DN, { names: NAMES })).dumpPEM());
      const said = shop.run("req", "-in", "request.pem", "-verify", "-noout", "-text");
      assert.match(said, /verify OK/u);
      assert.match(said, /DNS:www\.example\.com, DNS:\*\.example\.org, IP Address:192\.0\.2\.1/u);
    });

    it("reads our keys", async (context) => {
      const shop = new Workshop(context);
      const key = await KeyPair.generate(options);
      const publicPEM = key.getPublicKey().export({ type: "spki", format: "pem" }).toString();
      shop.write("plain.pem", key.dumpPEM());
      shop.write("locked.pem", key.dumpPEM({ passphrase: "secret" }));
      shop.write("plain.der", key.dumpDER());
      assert.equal(shop.run("pkey", "-in", "plain.pem", "-pubout"), publicPEM);
      assert.equal(shop.run("pkey", "-inform", "DER", "-in", "plain.der", "-pubout"), publicPEM);
      const locked = ["pkey", "-in", "locked.pem", "-pubout", "-passin"];
      assert.equal(shop.run(...locked, "pass:secret"), publicPEM);
      shop.fail(...locked, "pass:wrong");
      if (kind === "Ed25519") return;
      shop.write("old.pem", key.dumpPEM({ form: "traditional" }));
      assert.equal(shop.run("pkey", "-in", "old.pem", "-pubout"), publicPEM);
    });
  });
}

describe("openssl x509 -text", () => {
  it("sees the extensions of a server's certificate", async (context) => {
    const shop = new Workshop(context);
    const made = await selfSignedCertificate({ names: ["localhost", "127.0.0.1", "::1"] });
    shop.write("made.pem", made.certificate.dumpPEM());
    const text = shop.run("x509", "-in", "made.pem", "-noout", "-text", "-fingerprint", "-sha256");
    assert.match(text, /Version: 3 /u);
    assert.match(text, /Subject: CN = localhost\n/u);
    assert.match(text, /X509v3 Basic Constraints: critical\n +CA:FALSE\n/u);
    assert.match(text, /X509v3 Key Usage: critical\n +Digital Signature\n/u);
    assert.match(text, /Extended Key Usage: \n +TLS Web Server .*, TLS Web Client .*\n/u);
    const names = "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1";
    assert.include(text, `X509v3 Subject Alternative Name: \n                ${names}\n`);
    assert.match(text, /Subject Key Identifier/u);
    assert.match(text, /Authority Key Identifier/u);
    assert.include(text, made.certificate.digest());
    shop.run("verify", "-x509_strict", "-CAfile", "made.pem", "-purpose", "sslserver", "made.pem");
  });

  it("sees an authority for what it is", async (context) => {
    const shop = new Workshop(context);
    const key = await KeyPair.generate();
    const root = await key.selfSignedCert(0xff01n, DN, { authority: true });
    shop.write("root.pem", root.certificate.dumpPEM());
    const text = shop.run("x509", "-in", "root.pem", "-noout", "-text", "-nameopt", "RFC2253,utf8");
    assert.match(text, /Basic Constraints: critical\n +CA:TRUE\n/u);
    assert.match(text, /critical\n +Digital Signature, Certificate Sign, CRL Sign\n/u);
    assert.notMatch(text, /Extended Key Usage/u);
    assert.match(text, /Serial Number:\s+(?:65281|ff:01|00:ff:01)/u);
    const [, subject = ""] = /Subject: (.*)\n/u.exec(text) ?? [];
    assert.isTrue(DistinguishedName.parse(subject).equals(DN), subject);
  });

  it("sees RSA keys that may encrypt others", async (context) => {
    const shop = new Workshop(context);
    const key = await KeyPair.generate({ type: "rsa" });
    const made = await key.selfSignedCert(1, DN);
    shop.write("made.pem", made.certificate.dumpPEM());
    const text = shop.run("x509", "-in", "made.pem", "-noout", "-text");
    assert.match(text, /Key Usage: critical\n +Digital Signature, Key Encipherment\n/u);
  });

  it("sees names that are critical where there is no subject", async (context) => {
    const shop = new Workshop(context);
    const key = await KeyPair.generate();
    const made = await key.selfSignedCert(1, new DistinguishedName(), { names: ["a.example"] });
    shop.write("made.pem", made.certificate.dumpPEM());
    const text = shop.run("x509", "-in", "made.pem", "-noout", "-text");
    assert.match(text, /Subject Alternative Name: critical\n +DNS:a\.example\n/u);
  });
});

describe("keys that openssl makes", () => {
  const makers: Record<string, readonly string[]> = {
    "EC in PKCS #8": ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "EC in SEC 1, with its parameters": ["ecparam", "-genkey", "-name", "prime256v1"],
    "RSA in PKCS #8": ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "RSA in PKCS #1": ["genrsa", "-traditional", "2048"],
    Ed25519: ["genpkey", "-algorithm", "ED25519"],
  };
  for (const [what, args] of Object.entries(makers)) {
    it(`are read: ${what}`, (context) => {
      const shop = new Workshop(context);
      shop.write("key.pem", shop.run(...args));
      const key = KeyPair.loadPEM(shop.text("key.pem"));
      const publicPEM = shop.run("pkey", "-in", "key.pem", "-pubout");
      const ours = key.getPublicKey().export({ type: "spki", format: "pem" });
      assert.equal(ours, publicPEM);

      shop.run("pkey", "-in", "key.pem", "-outform", "DER", "-out", "key.der");
      assert.isTrue(KeyPair.loadDER(shop.read("key.der")).matches(key));
    });
  }

  const ciphers: Record<string, readonly string[]> = {
    "AES-256 and PBKDF2": ["-v2", "aes-256-cbc"],
    "AES-128 and scrypt": ["-v2", "aes-128-cbc", "-scrypt"],
  };
  for (const [what, args] of Object.entries(ciphers)) {
    it(`are read when encrypted with ${what}`, (context) => {
      const shop = new Workshop(context);
      shop.run("genpkey", "-algorithm", "ED25519", "-out", "key.pem");
      const common = ["pkcs8", "-topk8", "-in", "key.pem", ...args, "-passout", "pass:secret"];
      shop.run(...common, "-out", "locked.pem");
      shop.run(...common, "-outform", "DER", "-out", "locked.der");
      const key = KeyPair.loadPEM(shop.text("key.pem"));
      const passphrase = "secret";
      assert.isTrue(KeyPair.loadPEM(shop.text("locked.pem"), { passphrase }).matches(key));
      assert.isTrue(KeyPair.loadDER(shop.read("locked.der"), { passphrase }).matches(key));
      const wrong = { passphrase: "wrong" };
      assert.throws(
        () => KeyPair.loadPEM(shop.text("locked.pem"), wrong),
        "the passphrase is wrong",
      );
      assert.throws(() => KeyPair.loadPEM(shop.text("locked.pem")), "expected a passphrase");
    });
  }

  it("are read when encrypted the old way (RFC 1421)", (context) => {
    const shop = new Workshop(context);
    const args = ["-traditional", "-aes128", "-passout", "pass:secret", "2048"];
    shop.write("key.pem", shop.run("genrsa", ...args));
    assert.include(shop.text("key.pem"), "Proc-Type: 4,ENCRYPTED");
    const key = KeyPair.loadPEM(shop.text("key.pem"), { passphrase: "secret" });
    assert.equal(key.privateKey.asymmetricKeyType, "rsa");
  });
});

describe("what openssl makes", () => {
  it("is a request that our authority grants, name for name", async (context) => {
    const shop = new Workshop(context);
    const subject = "/C=DE/O=Bücher & Co/CN=Server";
    const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-noenc"];
    const names = ["-addext", "subjectAltName=DNS:a.example,DNS:*.b.example,IP:::1,email:a@b.c"];
    const asked = ["-utf8", "-subj", subject, ...names, "-addext", "basicConstraints=CA:TRUE"];
    shop.run("req", "-new", ...fresh, ...asked, "-keyout", "key.pem", "-out", "request.pem");
    const request = await CertificateRequest.loadPEM(shop.text("request.pem"));
    assert.deepEqual(request.names, ["a.example", "*.b.example", "::1"]);
    assert.equal(String(request.getSubject()), "CN=Server,O=Bücher & Co,C=DE");

    const dn = new DistinguishedName({ commonName: "Root" });
    const root = await (await KeyPair.generate()).selfSignedCert(1, dn, { authority: true });
    const certificate = await root.signRequestObject(request, 2);
    assert.isFalse(certificate.isAuthority, "a wish that is not granted");
    shop.write("certificate.pem", certificate.dumpPEM());
    shop.write("root.pem", root.certificate.dumpPEM());
    shop.run("verify", "-x509_strict", "-CAfile", "root.pem", "certificate.pem");

    const pair = PrivateCertificate.loadPEM(shop.text("key.pem") + certificate.dumpPEM());
    assert.isTrue(pair.certificate.equals(certificate));
  });

  for (const kind of ["rsa:2048", "ed25519"]) {
    it(`is a request with a key of kind ${kind}`, async (context) => {
      const shop = new Workshop(context);
      const args = ["-newkey", kind, "-noenc", "-subj", "/CN=Server", "-keyout", "key.pem"];
      shop.run("req", "-new", ...args, "-out", "request.der", "-outform", "DER");
      const request = await CertificateRequest.loadDER(shop.read("request.der"));
      assert.equal(request.keyHash(), KeyPair.loadPEM(shop.text("key.pem")).keyHash());
    });
  }

  it("is an authority that we sign with, in its own words", async (context) => {
    const shop = new Workshop(context);
    // Not UTF-8: the issuer of what it signs must have the same bytes.
    const words = ["-subj", "/C=DE/O=Example/CN=Root", "-nameopt", "RFC2253"];
    const config = "[req]\nstring_mask=MASK:0x2002\ndistinguished_name=dn\n[dn]\n[ca]\n";
    const extensions = "basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=0102030405\n";
    shop.write("ca.cnf", config + extensions);
    const args = ["-newkey", "rsa:2048", "-noenc", "-keyout", "key.pem", "-out", "root.pem"];
    shop.run("req", "-x509", "-config", "ca.cnf", "-extensions", "ca", ...words, ...args);
    const root = PrivateCertificate.loadPEM(shop.text("key.pem") + shop.text("root.pem"));
    assert.equal(String(root.certificate.getSubject()), "CN=Root,O=Example,C=DE");

    const request = await (await KeyPair.generate()).requestObject(DN, { names: NAMES });
    const certificate = await root.signRequestObject(request, 2);
    assert.isTrue(certificate.isIssuedBy(root.certificate));
    shop.write("certificate.pem", certificate.dumpPEM());
    shop.run("verify", "-CAfile", "root.pem", "certificate.pem");
    const text = shop.run("x509", "-in", "certificate.pem", "-noout", "-text");
    assert.match(text, /Authority Key Identifier: \n +(?:keyid:)?01:02:03:04:05/u);
  });

  it("is a certificate whose every word we read", (context) => {
    const shop = new Workshop(context);
    const names = "DNS:a.example,IP:192.0.2.1,IP:2001:db8::1,URI:http://x/,email:a@b.c,RID:1.2.3";
    const args = ["-noenc", "-subj", "/CN=Ann", "-addext", `subjectAltName=${names}`];
    const times = ["-days", "10", "-set_serial", "0x1234567890abcdef1234"];
    const out = ["-keyout", "key.pem", "-out", "made.pem"];
    shop.run("req", "-x509", "-newkey", "ed25519", ...args, ...times, ...out);
    const made = Certificate.loadPEM(shop.text("made.pem"));
    assert.equal(made.serialNumber, 0x1234567890abcdef1234n);
    assert.deepEqual(made.names, ["a.example", "192.0.2.1", "2001:db8::1"]);
    assert.equal(made.notAfter.getTime() - made.notBefore.getTime(), 10 * 86_400_000);
    const said = shop.run(
      "x509",
      "-in",
      "made.pem",
      "-noout",
      "-enddate",
      "-fingerprint",
      "-sha256",
    );
    assert.include(said, made.digest());
    const [, end = ""] = /notAfter=(.*)\n/u.exec(said) ?? [];
    assert.deepEqual(made.notAfter, new Date(end));
  });

  it("is parameters for Diffie-Hellman", (context) => {
    const shop = new Workshop(context);
    const args = ["-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"];
    const pem = shop.run("genpkey", ...args);
    assert.equal(DiffieHellmanParameters.loadPEM(pem).pem.trim(), pem.trim());
  });
});
