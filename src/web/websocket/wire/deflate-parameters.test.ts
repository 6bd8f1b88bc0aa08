/**
 * @module
 */
import { assert, describe, it } from "vitest";
import { acceptDeflate, DEFLATE_OFFER, readDeflateAnswer } from "./deflate-parameters.ts";
import { parseExtensions } from "./extensions.ts";

const AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

describe("acceptDeflate", () => {
  const accepted: readonly (readonly [string, string, number])[] = [
    ["permessage-deflate", AGREED, 15],
    ["permessage-deflate; client_max_window_bits", AGREED, 15],
    ["permessage-deflate; client_max_window_bits=10", AGREED, 15],
    [AGREED, AGREED, 15],
    ["permessage-deflate; server_max_window_bits=8", `${AGREED}; server_max_window_bits=8`, 8],
    ['permessage-deflate; server_max_window_bits="9"', `${AGREED}; server_max_window_bits=9`, 9],
    ["x-webkit-deflate-frame, permessage-deflate", AGREED, 15],
    // The first is none, the second is taken, the third was for others.
    [
      "permessage-deflate; server_max_window_bits=7, " +
        "permessage-deflate; server_max_window_bits=10, permessage-deflate",
      `${AGREED}; server_max_window_bits=10`,
      10,
    ],
  ];
  for (const [offers, extension, windowBits] of accepted) {
    it(`accepts ${offers} (RFC 7692 §7.1)`, () => {
      assert.deepEqual(acceptDeflate(parseExtensions(offers) ?? []), { windowBits, extension });
    });
  }

  const declined = [
    "x-webkit-deflate-frame",
    "Permessage-Deflate",
    ...[
      "unknown",
      "server_no_context_takeover=1",
      "client_no_context_takeover=true",
      "server_no_context_takeover; server_no_context_takeover",
      "client_max_window_bits; client_max_window_bits=9",
      "server_max_window_bits",
      ...["7", "16", "08", "8.0", "0x8", "1e1", "a"].flatMap((bits) => [
        `server_max_window_bits=${bits}`,
        `client_max_window_bits=${bits}`,
      ]),
    ].map((parameters) => `permessage-deflate; ${parameters}`),
  ];
  for (const offer of declined) {
    it(`declines ${offer} (RFC 7692 §7.1)`, () => {
      const offers = parseExtensions(offer);
      assert.isDefined(offers);
      assert.isUndefined(acceptDeflate(offers ?? []));
    });
  }
});

describe("readDeflateAnswer", () => {
  function read(answer: string): number | undefined {
    const [extension] = parseExtensions(answer) ?? [];
    return extension === undefined ? undefined : readDeflateAnswer(extension)?.windowBits;
  }

  it("takes what acceptDeflate() makes of DEFLATE_OFFER", () => {
    const accepted = acceptDeflate(parseExtensions(DEFLATE_OFFER) ?? []);
    assert.equal(read(accepted?.extension ?? ""), 15);
  });

  it("takes a window for each side (RFC 7692 §7.1.2)", () => {
    assert.equal(read(`${AGREED}; client_max_window_bits=9; server_max_window_bits=10`), 9);
    assert.equal(read("permessage-deflate; server_no_context_takeover"), 15);
  });

  const refused = [
    "permessage-deflate",
    "permessage-deflate; client_no_context_takeover",
    `${AGREED}; client_max_window_bits`,
    `${AGREED}; client_max_window_bits=16`,
    `${AGREED}; server_max_window_bits`,
    `${AGREED}; client_no_context_takeover`,
    `${AGREED}; unknown`,
    "x-webkit-deflate-frame; server_no_context_takeover",
  ];
  for (const answer of refused) {
    it(`refuses ${answer} (RFC 7692 §7.1)`, () => {
      assert.isUndefined(read(answer));
    });
  }
});
