import { assert, it } from "vitest";
import { MEMORY, type TestReactor, describeOn, inMemory } from "../../../test/fixtures/networks.ts";
import { ProxyStage } from "../../../test/fixtures/web/proxy-stage.ts";
import { Deferred } from "../../defer/deferred.ts";
import { IPv4Address, IPv6Address, UNIXAddress } from "../../internet/addresses.ts";
import { ForwardProxyResource, type ForwardProxyOptions } from "./forward-proxy-resource.ts";
import { isPublicAddress, isPublicWeb, type ProxyPlace } from "./proxy-place.ts";

const describe = describeOn([MEMORY]);

const OK = "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nhi";
const anywhere = { allow: (): boolean => true };

function stage(options: Partial<ForwardProxyOptions> = anywhere): ProxyStage {
  const make = (reactor: TestReactor): ForwardProxyResource => {
    const { names } = inMemory(reactor);
    names.set("a.example", "192.0.2.1");
    names.set("inside.example", "127.0.0.1");
    names.set("public.example", "8.8.8.8");
    return new ForwardProxyResource({ reactor, via: "us", ...options });
  };
  return new ProxyStage(make);
}

const get = (url: string, more = ""): string => `GET ${url} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const tunnel = (place: string, more = ""): string =>
  `CONNECT ${place} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

describe("a request for another server", () => {
  it("goes to the host of its target, which is its Host too (RFC 9112 §3.2.2)", () => {
    const one = stage();
    const more =
      "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\nForwarded: for=_x\r\n";
    const client = one.ask(get("http://A.example:8080/x?y", more));
    assert.equal(
      one.upstream.last.take(),
      "GET /x?y HTTP/1.1\r\nHost: A.example:8080\r\nForwarded: for=_x\r\nVia: 1.1 us\r\n" +
        "Connection: close\r\n\r\n",
    );
    one.upstream.last.send(OK.replace("Date", "Via: 1.1 origin\r\nDate"));
    assert.match(client.take(), /^HTTP\/1.1 200 OK\r\n(?:.*\r\n)*Via: 1.1 origin, 1.1 us\r\n/u);
    assert.isTrue(one.upstream.last.halfClosed, "connections are not kept");
    assert.isUndefined(client.ended);
    client.send("OPTIONS http://a.example:8080 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.match(one.upstream.last.received, /^OPTIONS \* HTTP/u);
  });

  it("with a body streams", () => {
    const one = stage();
    const client = one.ask(
      "PUT http://a.example:8080/ HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab",
    );
    assert.match(one.upstream.last.take(), /\r\n\r\nab$/u);
    client.send("cd");
    assert.equal(one.upstream.last.take(), "cd");
    one.upstream.last.send(OK);
    assert.match(client.received, /hi$/u);
  });

  it("that is none, or of another scheme, is refused", () => {
    const cases: [string, number][] = [
      [get("/x"), 400],
      [get("https://a.example/"), 501],
      [get("ftp://a.example/"), 501],
      [get("http://a.example:99999/"), 400],
      [get("http://a.example:0/"), 400],
      ["OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 204],
      [get("http://a.example/", "Via: 1.1 us\r\n"), 508],
      ["TRACE http://a.example/ HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\n\r\n", 200],
      [tunnel("a.example:99999"), 400],
      [tunnel("a.example:0"), 400],
      ["CONNECT a.example:80 HTTP/1.0\r\n\r\n", 501],
    ];
    for (const [text, code] of cases) {
      const one = stage();
      assert.match(one.ask(text).received, new RegExp(`^HTTP/1.1 ${String(code)} `, "u"), text);
      assert.lengthOf(inMemory(one.reactor).tcpClients, 0);
    }
  });

  it("for a server that fails is 502, or 504", () => {
    const one = stage();
    inMemory(one.reactor).network.routes.set("192.0.2.1", { outcome: "refuse" });
    assert.match(one.ask(get("http://a.example/")).received, /^HTTP\/1.1 502 /u);
    assert.match(one.ask(get("http://nowhere.example/")).received, /^HTTP\/1.1 502 /u);
    inMemory(one.reactor).network.routes.set("192.0.2.1", { outcome: "drop" });
    const client = one.ask(get("http://a.example/"));
    one.reactor.advance(10);
    assert.match(client.received, /^HTTP\/1.1 504 /u);
  });
});

describe("CONNECT (RFC 9110 §9.3.6)", () => {
  it("makes a tunnel, with what came behind it", () => {
    const one = stage();
    const client = one.ask(`${tunnel("a.example:8080")}hello`);
    assert.equal(client.take(), "HTTP/1.1 200 OK\r\n\r\n");
    assert.equal(one.upstream.last.take(), "hello");
    one.upstream.last.send("welcome");
    client.send("thanks");
    assert.deepEqual([client.take(), one.upstream.last.take()], ["welcome", "thanks"]);
    one.upstream.last.reset();
    assert.isDefined(client.ended);
  });

  it("to IPv6 is written with brackets", () => {
    const places: string[] = [];
    const one = stage({
      allow: ({ host, port, address }) => {
        places.push(`${host} ${String(port)} ${address.toString()}`);
        return true;
      },
    });
    one.ask(tunnel("[::FFFF]:8080"));
    assert.deepEqual(places, ["::ffff 8080 [::ffff]:8080"]);
  });

  it("that does not come about is 502, 504, or given up with its client", () => {
    const one = stage({ ...anywhere, connectTimeout: 5 });
    const { routes } = inMemory(one.reactor).network;
    routes.set("192.0.2.1", { outcome: "refuse" });
    const client = one.ask(tunnel("a.example:443"));
    assert.match(client.received, /^HTTP\/1.1 502 /u);
    assert.isUndefined(client.ended, "it may try another");
    routes.set("192.0.2.1", { outcome: "drop" });
    const slow = one.ask(tunnel("a.example:443"));
    one.reactor.advance(5);
    assert.match(slow.received, /^HTTP\/1.1 504 /u);
    const gone = one.ask(tunnel("a.example:443"));
    gone.transport.abortConnection();
    one.reactor.flush();
    assert.equal(inMemory(one.reactor).tcpClients.at(-1)?.connector.state, "disconnected");
  });
});

describe("allow", () => {
  it("is the public web by default, whatever the name says", () => {
    const refused = [
      get("http://127.0.0.1/"),
      get("http://[::1]/"),
      get("http://[::ffff:127.0.0.1]/"),
      get("http://169.254.169.254/latest/meta-data"),
      get("http://inside.example/"),
      get("http://localhost/"),
      get("http://public.example:8080/"),
      tunnel("10.0.0.1:443"),
      tunnel("inside.example:443"),
      tunnel("public.example:22"),
    ];
    for (const text of refused) {
      const one = stage({});
      assert.match(one.ask(text).received, /^HTTP\/1.1 403 /u, text);
      assert.lengthOf(inMemory(one.reactor).tcpClients, 0, text);
    }
    for (const text of [get("http://public.example/"), tunnel("public.example:443")]) {
      const one = stage({});
      one.ask(text);
      const [{ host } = { host: "" }] = inMemory(one.reactor).tcpClients;
      assert.equal(host, "8.8.8.8", "the address that was judged, not the name");
    }
  });

  it("isPublicWeb() and isPublicAddress() know what is special (RFC 6890)", () => {
    const special =
      "0.0.0.0 10.255.255.255 100.64.0.1 127.9.9.9 169.254.1.1 172.31.0.1 192.168.0.1 198.19.0.1 " +
      "224.0.0.1 255.255.255.255";
    for (const host of special.split(" ")) {
      assert.isFalse(isPublicAddress(new IPv4Address("TCP", host, 80)), host);
    }
    const special6 =
      ":: ::1 ::ffff:10.0.0.1 64:ff9b::7f00:1 fe80::1 fc00::1 ff02::1 2001:db8::1 2001::1 " +
      "2002:7f00:1::";
    for (const host of special6.split(" ")) {
      assert.isFalse(isPublicAddress(new IPv6Address("TCP", host, 80)), host);
    }
    assert.isFalse(isPublicAddress(new UNIXAddress("/run/x")));
    for (const host of ["2606:4700::1111", "::ffff:8.8.8.8"]) {
      assert.isTrue(isPublicAddress(new IPv6Address("TCP", host, 80)), host);
    }
    const place = (port: number): ProxyPlace => {
      return { host: "a", port, address: new IPv4Address("TCP", "8.8.8.8", port) };
    };
    assert.deepEqual([80, 443, 25].map(place).map(isPublicWeb), [true, true, false]);
  });
});

describe("authenticate", () => {
  const ada = `Proxy-Authorization: Basic ${Buffer.from("ada:love:lace").toString("base64")}\r\n`;

  it("asks who it is, and takes an answer that comes later", async () => {
    const answer = new Deferred<boolean>();
    const asked: unknown[] = [];
    const one = stage({
      ...anywhere,
      authenticate: (credentials) => {
        asked.push(credentials);
        return answer;
      },
    });
    const settle = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn += 1) {
        await Promise.resolve();
        one.reactor.flush();
      }
    };
    for (const field of [
      "",
      "Proxy-Authorization: Bearer x\r\n",
      "Proxy-Authorization: Basic eA==\r\n",
    ]) {
      const nobody = one.ask(tunnel("a.example:8080", field));
      await settle();
      assert.match(
        nobody.received,
        /^HTTP\/1.1 407 (?:.*\r\n)+Proxy-Authenticate: Basic realm="proxy", charset="UTF-8"\r\n/u,
      );
    }
    assert.lengthOf(asked, 0);
    const client = one.ask(get("http://a.example:8080/", ada));
    await settle();
    assert.deepEqual(asked, [{ username: "ada", password: "love:lace" }]);
    assert.lengthOf(one.upstream.connections, 0);
    answer.callback(true);
    await settle();
    one.upstream.last.send(OK);
    assert.match(client.received, /^HTTP\/1.1 200 /u);
    assert.notInclude(one.upstream.last.received, "Proxy-Auth");
  });

  it("that says no is 407", async () => {
    const one = stage({ ...anywhere, authenticate: () => false });
    const client = one.ask(get("http://a.example:8080/", ada));
    for (let turn = 0; turn < 5; turn += 1) {
      await Promise.resolve();
      one.reactor.flush();
    }
    assert.match(client.received, /^HTTP\/1.1 407 /u);
  });
});
