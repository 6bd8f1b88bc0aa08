import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, describe, it } from "vitest";
import { formatPEM } from "./_pem.ts";
import { DiffieHellmanParameters } from "./diffie-hellman-parameters.ts";
import { CertificateError } from "./errors.ts";

// ffdhe2048 (RFC 7919 Appendix A.1), as openssl genpkey -genparam writes it.
const GOOD = `-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
`;
const SMALL = `-----BEGIN DH PARAMETERS-----
MEYCQQCf4mGu0zbVJQLrj/6DG6f8Zqxhwc84qwauhhOCE1t3PWiFhHsGJAtb28lp
GGyu/7kMmmbKINNtGPsVbXn77ToPAgEC
-----END DH PARAMETERS-----
`;

function problemOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    assert.instanceOf(error, CertificateError);
    return error.problem;
  }
}

describe("DiffieHellmanParameters", () => {
  it("are read from PEM", () => {
    assert.equal(DiffieHellmanParameters.loadPEM(`for people\n${GOOD}`).pem, GOOD);
    assert.equal(DiffieHellmanParameters.loadPEM(Buffer.from(GOOD)).pem, GOOD);
    assert.equal(String(DiffieHellmanParameters.loadPEM(GOOD)), "DiffieHellmanParameters(PEM)");
  });

  it("are read from files", () => {
    const folder = mkdtempSync(join(tmpdir(), "sennit-dh-"));
    try {
      const path = join(folder, "dh.pem");
      writeFileSync(path, GOOD);
      assert.equal(DiffieHellmanParameters.fromFile(path).pem, GOOD);
      const missing = (): unknown => DiffieHellmanParameters.fromFile(join(folder, "no.pem"));
      assert.equal(problemOf(missing), "unreadable");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("may be left to OpenSSL", () => {
    assert.equal(DiffieHellmanParameters.auto().pem, "auto");
  });

  it("are refused if they are too small", () => {
    const message = "expected at least 2048 bits, got 512";
    assert.throws(() => DiffieHellmanParameters.loadPEM(SMALL), message);
    assert.equal(
      problemOf(() => DiffieHellmanParameters.loadPEM(SMALL)),
      "unsupported",
    );
  });

  it("are refused if they are none", () => {
    const der = (hex: string): string => formatPEM("DH PARAMETERS", Buffer.from(hex, "hex"));
    const none = ["", formatPEM("CERTIFICATE", Buffer.from("3000", "hex"))];
    for (const text of [...none, der("3000"), der("3003020100"), der("020100"), der("3082")]) {
      assert.equal(
        problemOf(() => DiffieHellmanParameters.loadPEM(text)),
        "unreadable",
      );
    }
  });
});
