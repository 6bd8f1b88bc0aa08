import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { formatPEM, parsePEM } from "./_pem.ts";
import { CertificateError } from "./errors.ts";

const LABEL = fc.stringMatching(/^[A-Z][A-Z0-9 ]{0,20}[A-Z0-9]$/u);
const BYTES = fc.uint8Array({ minLength: 1, maxLength: 300 });

/** `label:hex` of each block. */
function read(text: string | Uint8Array): string[] {
  return parsePEM(text).map(({ label, der }) => `${label}:${der.toString("hex")}`);
}

function problemOf(text: string): unknown {
  try {
    return read(text);
  } catch (error) {
    assert.instanceOf(error, CertificateError);
    return error.problem;
  }
}

describe("formatPEM()", () => {
  it("breaks lines at 64 characters (RFC 7468 §2)", () => {
    const lines = formatPEM("X", new Uint8Array(100)).split("\n");
    assert.deepEqual(lines, [
      "-----BEGIN X-----",
      "A".repeat(64),
      "A".repeat(64),
      "AAAAAA==",
      "-----END X-----",
      "",
    ]);
  });

  it("is read by parsePEM() as what it was", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(LABEL, BYTES)), (blocks) => {
        const text = blocks.map(([label, bytes]) => formatPEM(label, bytes)).join("");
        const expected = blocks.map(
          ([label, der]) => `${label}:${Buffer.from(der).toString("hex")}`,
        );
        assert.deepEqual(read(text), expected);
      }),
    );
  });
});

describe("parsePEM()", () => {
  const PLAIN = "-----BEGIN A-----\nAQID\n-----END A-----\n";

  it("leaves the text around blocks to people (RFC 7468 §2)", () => {
    const text = `subject=CN = x\n\n${PLAIN}between\n${PLAIN}-----BEGINNING-----\nafter`;
    assert.deepEqual(read(text), ["A:010203", "A:010203"]);
  });

  it("takes any ends of lines, spaces and tabs in them, and bytes for text", () => {
    assert.deepEqual(read(PLAIN.replaceAll("\n", "\r\n")), ["A:010203"]);
    assert.deepEqual(read(PLAIN.replaceAll("\n", "\r")), ["A:010203"]);
    assert.deepEqual(read("  -----BEGIN A-----\t\n A Q\n\nI D \n-----END A-----  "), ["A:010203"]);
    assert.deepEqual(read(Buffer.from(PLAIN)), ["A:010203"]);
  });

  it("keeps the headers of old keys apart (RFC 1421 §4.6)", () => {
    const header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00";
    const [block] = parsePEM(PLAIN.replace("AQID", `${header}\n\nAQID`));
    assert.deepEqual(block?.headers, header.split("\n"));
    assert.equal(block?.der.toString("hex"), "010203");
  });

  const damaged: readonly [string, string][] = [
    ["no end", "-----BEGIN A-----\nAQID\n"],
    ["the end of another", "-----BEGIN A-----\nAQID\n-----END B-----\n"],
    ["a beginning before the end", "-----BEGIN A-----\nAQID\n-----BEGIN A-----\n-----END A-----"],
    ["nothing inside", "-----BEGIN A-----\n-----END A-----\n"],
    ["what is no base64", "-----BEGIN A-----\nAQ*D\n-----END A-----\n"],
    ["base64 that is cut short", "-----BEGIN A-----\nAQI\n-----END A-----\n"],
    [
      "headers without an end",
      "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nAQID\n-----END A-----\n",
    ],
  ];
  for (const [what, text] of damaged) {
    it(`refuses a block with ${what}`, () => {
      assert.equal(problemOf(text), "unreadable");
    });
  }

  it("says which block is damaged", () => {
    assert.throws(
      () => parsePEM("-----BEGIN KEY-----\n-----END SEY-----"),
      'Cannot read PEM block "KEY": expected its end, got that of "SEY"',
    );
  });

  it("throws nothing but CertificateError, whatever it reads", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "-----BEGIN ",
        "-----END ",
        "-----",
        "A",
        "\n",
        "\r\n",
        "AQID",
        "=",
        "X: y\n",
      ),
      fc.string(),
      fc.string({ unit: "binary" }),
    );
    fc.assert(fc.property(fc.array(piece), (pieces) => void problemOf(pieces.join(""))));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parsePEM(bytes)));
  });

  it("takes its time in proportion to the text", () => {
    // A square would be 10,000 million steps: the test would not end in time.
    const text = PLAIN.repeat(30_000) + " ".repeat(1_000_000);
    assert.lengthOf(parsePEM(text), 30_000);
  });
});
