import { assert, describe, it } from "vitest";
import { UsageError } from "../application/errors.ts";
import { IPv4Address, IPv6Address, UNIXAddress } from "../internet/addresses.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { listenSettings, serveEndpoint, urlsOf } from "./serve-endpoint.ts";

describe("listenSettings()", () => {
  it("listens on this machine alone unless told otherwise", () => {
    const here = { host: "127.0.0.1", port: 8080 };
    assert.deepEqual(listenSettings(undefined, undefined), { listen: here, tls: undefined });
  });

  it("reads ports, addresses with ports, and endpoints", () => {
    const rows: readonly (readonly [string, unknown])[] = [
      ["3000", { host: "127.0.0.1", port: 3000 }],
      ["0", { host: "127.0.0.1", port: 0 }],
      [":3000", { host: "0.0.0.0", port: 3000 }],
      ["192.0.2.1:80", { host: "192.0.2.1", port: 80 }],
      ["[::1]:80", { host: "::1", port: 80 }],
      ["unix:/run/web.sock", "unix:/run/web.sock"],
      ["tcp:80:interface=127.0.0.1", "tcp:80:interface=127.0.0.1"],
    ];
    for (const [text, listen] of rows) {
      assert.deepEqual(listenSettings(text, undefined).listen, listen, text);
    }
  });

  it("reads two files, or self", () => {
    assert.equal(listenSettings(undefined, "self").tls, "self");
    const files = { certificate: "cert.pem", key: "key.pem" };
    assert.deepEqual(listenSettings(undefined, "cert.pem,key.pem").tls, files);
  });

  it("refuses what makes no sense", () => {
    assert.throws(() => listenSettings("127.0.0.1:65536", undefined), UsageError, "at most 65535");
    for (const tls of ["", "cert.pem", "cert.pem,", ",key.pem", "a,b,c"]) {
      assert.throws(
        () => listenSettings(undefined, tls),
        UsageError,
        "expected self, or two files",
      );
    }
    assert.throws(() => listenSettings("unix:/x", "self"), UsageError, "expected a port");
  });
});

describe("serveEndpoint()", () => {
  const context = {
    writeOut: () => {},
    writeError: () => {},
    isTerminal: false,
    directory: "/nowhere",
    reactor: new MemoryReactor(),
  };

  it("is TCP of the address's family", async () => {
    const at = async (listen: string) =>
      (await serveEndpoint(listenSettings(listen, undefined), context)).toString();
    assert.equal(await at("192.0.2.1:80"), "tcp:80:interface=192.0.2.1");
    assert.equal(await at("[::1]:80"), String.raw`tcp6:80:interface=\:\:1`);
    assert.equal(await at("unix:/run/web.sock"), "unix:/run/web.sock");
  });

  it("refuses descriptions and files that make no sense, as usage", async () => {
    const rows = [
      listenSettings("smoke:signals", undefined),
      listenSettings("80", "no.pem,no.pem"),
    ];
    for (const settings of rows) {
      const error: unknown = await serveEndpoint(settings, context).catch((why: unknown) => why);
      assert.instanceOf(error, UsageError);
    }
  });
});

describe("urlsOf()", () => {
  it("is what a browser takes", () => {
    assert.deepEqual(urlsOf(new IPv4Address("TCP", "127.0.0.1", 80), false), [
      "http://127.0.0.1:80/",
    ]);
    assert.deepEqual(urlsOf(new IPv6Address("TCP", "::1", 443), true), ["https://[::1]:443/"]);
    assert.deepEqual(urlsOf(new UNIXAddress("/run/web.sock"), false), ["/run/web.sock"]);
    const [first] = urlsOf(new IPv4Address("TCP", "0.0.0.0", 80), false);
    assert.equal(first, "http://127.0.0.1:80/");
  });
});
