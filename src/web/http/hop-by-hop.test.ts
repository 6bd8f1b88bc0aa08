import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { removeHopByHop } from "./hop-by-hop.ts";

describe("removeHopByHop()", () => {
  it("takes the well-known ones away (RFC 9110 §7.6.1)", () => {
    const fields = ["host", "a", "te", "trailers", "upgrade", "h2c", "x-a", "1", "keep-alive", "5"];
    const more = ["transfer-encoding", "chunked", "proxy-authorization", "Basic a", "x-a", "2"];
    const rest = ["proxy-authenticate", "Basic", "proxy-authentication-info", "x"];
    assert.deepEqual(removeHopByHop([...fields, "proxy-connection", "close", ...more, ...rest]), [
      "host",
      "a",
      "x-a",
      "1",
      "x-a",
      "2",
    ]);
  });

  it("takes away what Connection names, and itself (RFC 9110 §7.6.1)", () => {
    assert.deepEqual(
      removeHopByHop([
        "x-early",
        "1",
        "connection",
        "close, X-Early ,\tx-late,,",
        "date",
        "d",
        "x-late",
        "2",
        "connection",
        "x-other",
        "x-other",
        "3",
        "x-kept",
        "4",
      ]),
      ["date", "d", "x-kept", "4"],
    );
  });

  it("keeps what makes the message, whatever Connection says", () => {
    const fields = ["host", "a", "content-length", "5"];
    assert.deepEqual(removeHopByHop(["connection", "Host, Content-Length", ...fields]), fields);
  });

  it("takes values for what they are: a value that is a name stays", () => {
    const fields = ["x-a", "connection", "x-b", "te"];
    assert.deepEqual(removeHopByHop(fields), fields);
    assert.deepEqual(removeHopByHop([]), []);
  });

  it("keeps the rest, in order", () => {
    const name = fc.constantFrom("connection", "te", "host", "x-a", "x-b", "cookie");
    const field = fc.tuple(name, fc.constantFrom("close", "x-a", "host", "x-b, te", ""));
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const named = new Set(
          fields.flatMap(([name, value]) => (name === "connection" ? value.split(", ") : [])),
        );
        const kept = fields.filter(
          ([name]) =>
            name === "host" || (name !== "connection" && name !== "te" && !named.has(name)),
        );
        assert.deepEqual(removeHopByHop(fields.flat()), kept.flat());
      }),
    );
  });
});
