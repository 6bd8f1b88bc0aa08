import { assert, it } from "vitest";
import { describeOnAll as describe, unreachable } from "../../../test/fixtures/networks.ts";
import { ProxyStage } from "../../../test/fixtures/web/proxy-stage.ts";
import { alias, RewriterResource } from "../rewrite/rewriter-resource.ts";
import { Resource } from "../server/resource.ts";
import { ReverseProxyResource, type ReverseProxyOptions } from "./reverse-proxy-resource.ts";

const UPSTREAM = "http://127.0.0.1:8080";
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nhi";

/** A site whose root is a proxy. */
function stage(options: Partial<ReverseProxyOptions> = {}, target = UPSTREAM): ProxyStage {
  return new ProxyStage(
    (reactor) => new ReverseProxyResource(target, { reactor, via: "us", ...options }),
  );
}

/** The target and the fields of a request, as the server behind has got it. */
function heard(one: ProxyStage): { target: string | undefined; fields: Map<string, string> } {
  const [first = "", ...lines] =
    one.upstream.last.take().split("\r\n\r\n", 1)[0]?.split("\r\n") ?? [];
  const fields = lines.map((line): [string, string] => {
    const [name = "", value = ""] = line.split(/: (.*)/su);
    return [name, value];
  });
  return { target: first.split(" ")[1], fields: new Map(fields) };
}

describe("a request", () => {
  it("is passed on without what was for its connection (RFC 9110 §7.6.1)", () => {
    const one = stage();
    one.ask(
      "GET /a?b HTTP/1.1\r\nHost: a.example\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\n" +
        "TE: gzip\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nProxy-Authorization: Basic x\r\n" +
        "Accept: */*\r\n\r\n",
    );
    assert.equal(
      one.upstream.last.take(),
      "GET /a?b HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nVia: 1.1 us\r\n" +
        "Forwarded: for=127.0.0.1;host=a.example;proto=http\r\nX-Forwarded-For: 127.0.0.1\r\n" +
        "X-Forwarded-Proto: http\r\nX-Forwarded-Host: a.example\r\n\r\n",
    );
  });

  it("says who takes trailers (RFC 9110 §10.1.4)", () => {
    const one = stage();
    one.ask("GET / HTTP/1.1\r\nHost: a\r\nTE: gzip, trailers\r\nConnection: TE\r\n\r\n");
    const { fields } = heard(one);
    assert.deepEqual([fields.get("TE"), fields.get("Connection")], ["trailers", "te"]);
  });

  it("tells whom it comes from, and believes nobody (RFC 7239)", () => {
    const lies =
      "GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=192.0.2.1\r\nX-Forwarded-For: 192.0.2.1\r\n" +
      "X_Forwarded_For: 192.0.2.1\r\nX-Real-IP: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n" +
      "X-Forwarded-Port: 443\r\n\r\n";
    const one = stage();
    one.ask(lies);
    const text = one.upstream.last.take();
    assert.notInclude(text, "192.0.2.1");
    assert.notInclude(text, "443");
    assert.include(text, "X-Forwarded-Proto: http\r\n");
    const two = stage({ trusted: ["127.0.0.0/8"] });
    two.ask(lies);
    const { fields } = heard(two);
    const chain = "for=192.0.2.1, for=127.0.0.1;host=a;proto=http";
    assert.equal(fields.get("Forwarded"), chain);
    assert.equal(fields.get("X-Forwarded-For"), "192.0.2.1, 127.0.0.1");
    assert.equal(fields.get("X-Forwarded-Proto"), "https");
    assert.equal(fields.get("X-Forwarded-Port"), "443");
  });

  it("tells no host that RFC 7239 cannot", () => {
    for (const [host, expected] of [
      ["a:", "for=127.0.0.1;host=a;proto=http"],
      ["", "for=127.0.0.1;proto=http"],
      ["[::1]:80", 'for=127.0.0.1;host="[::1]:80";proto=http'],
    ]) {
      const one = stage();
      one.ask(`GET / HTTP/1.1\r\nHost: ${String(host)}\r\n\r\n`);
      assert.equal(heard(one).fields.get("Forwarded"), expected);
    }
  });

  it("keeps its Host, unless told otherwise", () => {
    const hosts: [Partial<ReverseProxyOptions>, string, string][] = [
      [{}, GET, "a"],
      [{ host: "b:81" }, GET, "b:81"],
      [{}, "GET / HTTP/1.0\r\n\r\n", "127.0.0.1:8080"],
      [{}, "GET http://c/ HTTP/1.1\r\nHost: a\r\n\r\n", "c"],
    ];
    for (const [options, request, expected] of hosts) {
      const one = stage(options);
      one.ask(request);
      assert.equal(heard(one).fields.get("Host"), expected);
    }
  });

  it("gives bytes beyond ASCII as they came", () => {
    const one = stage();
    const client = one.ask("GET / HTTP/1.1\r\nHost: a\r\nX-Name: \xc3\xa9\r\n\r\n");
    assert.include(one.upstream.last.received, "X-Name: \xc3\xa9\r\n");
    one.upstream.last.send(
      "HTTP/1.1 200 \xc3\xa9\r\nX-Name: \xc3\xa9\r\nContent-Length: 0\r\n\r\n",
    );
    assert.match(client.received, /^HTTP\/1.1 200 \xc3\xa9\r\n(?:.*\r\n)*X-Name: \xc3\xa9\r\n/u);
  });

  it("goes to the place that is meant, and not above it", () => {
    const targets: [string, string | undefined][] = [
      ["/shop", "/v2"],
      ["/shop/", "/v2/"],
      ["/shop/a%2Fb//c%20?q=%zz", "/v2/a%2Fb//c%20?q=%zz"],
      ["/shop/..a/b..", "/v2/..a/b.."],
      ["/shop/../x", undefined],
      ["/shop/a/%2e%2E/../x", undefined],
      ["/shop/a%2f..%2fx", undefined],
      ["/shop/..%5cx", undefined],
    ];
    for (const [asked, expected] of targets) {
      const one = new ProxyStage((reactor) => {
        const shop = new ReverseProxyResource(`${UPSTREAM}/v2/`, { reactor });
        return new Resource().putChild("shop", shop);
      });
      const client = one.ask(`GET ${asked} HTTP/1.1\r\nHost: a\r\n\r\n`);
      if (expected === undefined) assert.match(client.received, /^HTTP\/1.1 400 /u, asked);
      else assert.equal(heard(one).target, expected);
    }
  });

  it("goes where a rewriter has sent it", () => {
    const one = new ProxyStage((reactor) => {
      const proxy = new ReverseProxyResource(`${UPSTREAM}/v2`, { reactor });
      return new RewriterResource(proxy, alias("old/place", "b\u00fccher/x"));
    });
    one.ask("GET /old/place/a%2Fb?q HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal(heard(one).target, "/v2/b%C3%BCcher/x/a%2Fb?q");
  });

  it("streams its body both ways at the slower one's pace", () => {
    const one = stage();
    const client = one.ask("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
    one.upstream.last.transport.pauseProducing();
    for (let at = 0; at < 9; at += 1) client.send(Buffer.alloc(100_000));
    assert.isAbove(client.transport.bufferedBytes, 500_000, "the client waits");
    one.upstream.last.transport.resumeProducing();
    one.reactor.flush();
    assert.isAbove(one.upstream.last.take().length, 900_000);
    client.transport.pauseProducing();
    one.upstream.last.send("HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n");
    for (let at = 0; at < 9; at += 1) one.upstream.last.send(Buffer.alloc(100_000));
    assert.isAbove(one.upstream.last.transport.bufferedBytes, 500_000, "the server waits");
    client.transport.resumeProducing();
    one.reactor.flush();
    assert.isAbove(client.received.length, 900_000);
  });

  it("in chunks stays so, with its trailers", () => {
    const one = stage();
    const client = one.ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("2\r\nhi\r\n");
    assert.match(one.upstream.last.take(), /Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n$/u);
    client.send("0\r\nX-Sum: 7\r\n\r\n");
    assert.equal(one.upstream.last.take(), "0\r\nX-Sum: 7\r\n\r\n");
  });

  it("asks with Expect whether its body is wanted (RFC 9110 §10.1.1)", () => {
    const put = "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
    const one = stage();
    const client = one.ask(put);
    assert.include(one.upstream.last.received, "Expect: 100-continue\r\n");
    assert.equal(client.received, "");
    one.upstream.last.send("HTTP/1.1 100 Continue\r\n\r\n");
    assert.equal(client.take(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hi");
    one.upstream.last.send(OK);
    assert.match(client.received, /^HTTP\/1.1 200 OK/u);
    const two = stage();
    const refused = two.ask(put);
    two.upstream.last.send("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
    assert.match(refused.received, /^HTTP\/1.1 401 No\r\n/u);
    assert.notInclude(refused.received, "100 Continue");
  });

  it("whose client goes away is given up", () => {
    for (const act of ["loseConnection", "abortConnection"] as const) {
      for (const answer of ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nh"]) {
        const one = stage();
        const client = one.ask(GET);
        if (answer !== "") one.upstream.last.send(answer);
        client.transport[act]();
        one.reactor.flush();
        assert.isDefined(one.upstream.last.ended, `${act} ${answer}`);
      }
    }
    const one = stage();
    const client = one.ask("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nh");
    client.transport.abortConnection();
    one.reactor.flush();
    assert.isDefined(one.upstream.last.ended);
  });

  it("whose body cannot be read is answered once", () => {
    const one = stage();
    const client = one.ask("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("zz\r\n");
    assert.lengthOf(client.received.match(/HTTP\/1.1 /gu) ?? [], 1);
    assert.match(client.received, /^HTTP\/1.1 400 /u);
    assert.isDefined(one.upstream.last.ended);
  });

  it("that comes back is a loop (RFC 9110 §7.6.3)", () => {
    const one = stage();
    const client = one.ask("GET / HTTP/1.1\r\nHost: a\r\nVia: 1.0 x, 1.1 US (we)\r\n\r\n");
    assert.match(client.received, /^HTTP\/1.1 508 /u);
    const two = new ProxyStage(
      (reactor) => new ReverseProxyResource("http://127.0.0.1", { reactor }),
    );
    two.reactor.listenTCP(80, two.site); // It leads to itself.
    const looped = two.ask(GET);
    assert.match(looped.received, /^HTTP\/1.1 508 /u);
  });

  it("counts how far it may go, if it is TRACE or OPTIONS (RFC 9110 §7.6.2)", () => {
    const trace = (left: string): string =>
      `TRACE /x HTTP/1.1\r\nHost: a\r\nCookie: secret\r\nMax-Forwards: ${left}\r\n\r\n`;
    const one = stage();
    const client = one.ask(trace("0"));
    assert.include(client.received, "Content-Type: message/http\r\n");
    assert.include(
      client.received,
      "\r\n\r\nTRACE /x HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n",
    );
    assert.lengthOf(one.upstream.connections, 0);
    one.ask(trace("3"));
    assert.equal(heard(one).fields.get("Max-Forwards"), "2");
    const options = one.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n");
    assert.match(options.received, /^HTTP\/1.1 204 /u);
    one.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal(heard(one).target, "*");
    one.ask("GET / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n");
    assert.equal(heard(one).fields.get("Max-Forwards"), "0", "to others it means nothing");
    const withBody = one.ask("TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
    assert.match(withBody.received, /^HTTP\/1.1 400 /u);
    const connect = one.ask("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.match(connect.received, /^HTTP\/1.1 501 /u);
  });
});

describe("an answer", () => {
  it("is passed back without what was for its connection, and with the rest", () => {
    const one = stage();
    const client = one.ask(GET);
    one.upstream.last.send(
      "HTTP/1.1 299 Fine\r\nDate: x\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\n" +
        "Keep-Alive: 5\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nServer: them\r\n" +
        "Content-Length: 2\r\n\r\nhi",
    );
    assert.equal(
      client.received,
      "HTTP/1.1 299 Fine\r\nDate: x\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nServer: them\r\n" +
        "Content-Length: 2\r\n\r\nhi",
    );
  });

  it("streams, head first, with trailers at its end", () => {
    const one = stage();
    const client = one.ask(GET);
    one.upstream.last.send("HTTP/1.1 200 OK\r\nDate: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert.equal(client.take(), "HTTP/1.1 200 OK\r\nDate: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    one.upstream.last.send("2\r\nhi\r\n");
    assert.equal(client.take(), "2\r\nhi\r\n");
    one.upstream.last.send("0\r\nX-Sum: 7\r\n\r\n");
    assert.equal(client.take(), "0\r\nX-Sum: 7\r\n\r\n");
    assert.isUndefined(client.ended);
  });

  it("to HEAD, and 204 and 304, keep their fields and have no body", () => {
    const one = stage();
    const head = one.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    one.upstream.last.send("HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 7\r\n\r\n");
    assert.equal(head.received, "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 7\r\n\r\n");
    for (const status of ["204 None", "304 Same"]) {
      const client = one.ask(GET);
      one.upstream.last.send(`HTTP/1.1 ${status}\r\nDate: x\r\nETag: "a"\r\n\r\n`);
      assert.equal(client.received, `HTTP/1.1 ${status}\r\nDate: x\r\nETag: "a"\r\n\r\n`);
    }
  });

  it("before the answer is passed on, but for 100 (RFC 9110 §15.2)", () => {
    const one = stage();
    const client = one.ask(GET);
    one.upstream.last.send("HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n");
    assert.equal(client.take(), "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    one.upstream.last.send(OK);
    assert.match(client.received, /^HTTP\/1.1 200 OK/u);
  });

  it("that is cut is cut for the client, whatever its framing", () => {
    const framings = ["Content-Length: 9", "Transfer-Encoding: chunked", "X-Y: until the end"];
    for (const framing of framings) {
      for (const version of ["1.0", "1.1"]) {
        const one = stage();
        const client = one.ask(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`);
        one.upstream.last.send(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`);
        one.upstream.last.send(framing.endsWith("chunked") ? "2\r\nhi\r\n" : "hi");
        one.upstream.last.reset();
        assert.equal(client.ended?.value.name, "ConnectionLost", `${framing}, ${version}`);
        assert.notInclude(client.received, "0\r\n\r\n");
      }
    }
  });

  it("that comes early ends what is sent", () => {
    const one = stage();
    const client = one.ask("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
    one.upstream.last.send("HTTP/1.1 413 Much\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
    assert.match(client.received, /^HTTP\/1.1 413 Much\r\n(?:.*\r\n)+\r\nno$/u);
    assert.isDefined(one.upstream.last.ended);
  });

  it("leads to where the client can go, if asked for", () => {
    const shop = (rewriteLocation: boolean): ProxyStage =>
      new ProxyStage((reactor) => {
        const options = { reactor, rewriteLocation };
        const proxy = new ReverseProxyResource(`${UPSTREAM}/v2`, options);
        return new Resource().putChild("shop", proxy);
      });
    const places: [string, string][] = [
      ["/v2/x?y", "/shop/x?y"],
      ["http://127.0.0.1:8080/v2/x", "/shop/x"],
      ["https://A/v2", "/shop"],
      ["/v22", "/v22"],
      ["/other", "/other"],
      ["x", "x"],
      ["//127.0.0.1:8080/v2/", "//127.0.0.1:8080/v2/"],
      ["http://elsewhere/v2/x", "http://elsewhere/v2/x"],
    ];
    for (const [said, expected] of places) {
      const one = shop(true);
      const client = one.ask("GET /shop/a HTTP/1.1\r\nHost: a\r\n\r\n");
      one.upstream.last.send(`HTTP/1.1 302 X\r\nLocation: ${said}\r\nContent-Length: 0\r\n\r\n`);
      assert.include(client.received, `Location: ${expected}\r\n`);
    }
    const one = shop(false);
    const client = one.ask("GET /shop/a HTTP/1.1\r\nHost: a\r\n\r\n");
    one.upstream.last.send("HTTP/1.1 302 X\r\nLocation: /v2/x\r\nContent-Length: 0\r\n\r\n");
    assert.include(client.received, "Location: /v2/x\r\n");
  });

  it("of which the connection is kept serves the next one, also of another client", () => {
    const one = stage();
    const client = one.ask(GET);
    one.upstream.last.send(OK);
    client.send(GET);
    one.upstream.last.send(OK);
    one.ask(GET);
    one.upstream.last.send(OK);
    assert.lengthOf(client.received.match(/200 OK/gu) ?? [], 2);
    assert.lengthOf(one.upstream.connections, 1);
  });
});

describe("a server behind", () => {
  it("that is not there is 502", () => {
    const one = stage({}, "http://127.0.0.1:8081");
    unreachable(one.reactor, "refuse");
    assert.match(one.ask(GET).received, /^HTTP\/1.1 502 Bad Gateway/u);
  });

  it("that says nothing, or nonsense, is 502", () => {
    for (const text of ["", "SSH-2.0\r\n", "HTTP/1.1 200"]) {
      const one = stage();
      const client = one.ask(GET);
      one.upstream.last.send(text);
      one.upstream.last.close();
      assert.match(client.received, /^HTTP\/1.1 502 /u, text);
      assert.isUndefined(client.ended);
    }
  });

  it("that is slow is 504, and then a cut", () => {
    const one = stage({ headTimeout: 5, bodyTimeout: 5 });
    const client = one.ask(GET);
    one.reactor.advance(5);
    assert.match(client.received, /^HTTP\/1.1 504 /u);
    const cut = one.ask(GET);
    one.upstream.last.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nh");
    one.reactor.advance(5);
    assert.equal(cut.ended?.value.name, "ConnectionLost");
    const far = stage({ connectTimeout: 5 });
    unreachable(far.reactor, "drop");
    const waiting = far.ask(GET);
    far.reactor.advance(5);
    assert.match(waiting.received, /^HTTP\/1.1 504 /u);
  });

  it("that has enough to do is 503", () => {
    const one = stage({ maxConnections: 1, maxWaiting: 0 });
    one.ask(GET);
    const client = one.ask(GET);
    assert.match(client.received, /^HTTP\/1.1 503 (?:.*\r\n)+Retry-After: 1\r\n/u);
  });
});

describe("ReverseProxyResource()", () => {
  it("refuses what it cannot use", () => {
    const { reactor } = stage();
    const wrong = ["https://a/", "ftp://a", "a:80", "http://u@a/", "http://a/?x", "http://a/#x"];
    for (const target of wrong) {
      assert.throws(() => new ReverseProxyResource(target, { reactor }), TypeError, "target");
    }
    const options = [
      { via: "a b" },
      { host: "a b" },
      { host: "" },
      { path: "x" },
      { path: "/a b" },
    ];
    for (const one of options) {
      assert.throws(() => new ReverseProxyResource(UPSTREAM, { reactor, ...one }), TypeError);
    }
    for (const one of [{ tunnelTimeout: -1 }, { trusted: ["x"] }, { maxIdle: -1 }]) {
      assert.throws(() => new ReverseProxyResource(UPSTREAM, { reactor, ...one }), RangeError);
    }
  });
});
