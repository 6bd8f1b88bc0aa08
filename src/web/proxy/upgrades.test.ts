import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { ProxyStage } from "../../../test/fixtures/web/proxy-stage.ts";
import { ReverseProxyResource, type ReverseProxyOptions } from "./reverse-proxy-resource.ts";

const ASK =
  "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n" +
  "Sec-WebSocket-Key: x\r\n\r\n";
const YES =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Accept: y\r\n\r\n";

function stage(options: Partial<ReverseProxyOptions> = {}): ProxyStage {
  return new ProxyStage(
    (reactor) => new ReverseProxyResource("http://127.0.0.1:8080", { reactor, ...options }),
  );
}

describe("an upgrade through a proxy (RFC 9110 §7.8)", () => {
  it("carries bytes both ways, with what came behind both heads", () => {
    const one = stage();
    const client = one.ask(`${ASK}first`);
    const asked = one.upstream.last.take();
    assert.include(asked, "Connection: upgrade\r\nUpgrade: WebSocket\r\n\r\n");
    assert.include(asked, "Sec-WebSocket-Key: x\r\n");
    assert.notInclude(asked, "first");
    one.upstream.last.send(`${YES}welcome`);
    assert.equal(
      client.take(),
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n" +
        "Sec-WebSocket-Accept: y\r\nUpgrade: websocket\r\n\r\nwelcome",
    );
    assert.equal(one.upstream.last.take(), "first");
    client.send("ping");
    one.upstream.last.send("pong");
    assert.deepEqual([client.take(), one.upstream.last.take()], ["pong", "ping"]);
    one.upstream.last.end();
    assert.isTrue(client.halfClosed);
    client.send("and yet");
    assert.equal(one.upstream.last.take(), "and yet");
    client.transport.loseConnection();
    one.reactor.flush();
    assert.isDefined(one.upstream.last.ended);
    assert.isDefined(client.ended);
  });

  it("goes on when the client has said all that it wants to say", () => {
    const one = stage();
    const client = one.ask(ASK);
    one.upstream.last.send(YES);
    client.take();
    client.transport.loseWriteConnection();
    one.reactor.flush();
    assert.isTrue(one.upstream.last.halfClosed);
    one.upstream.last.send("the answer");
    assert.equal(client.take(), "the answer");
    one.upstream.last.end();
    assert.isDefined(client.ended);
    assert.isDefined(one.upstream.last.ended);
  });

  it("that the server does not want is an answer like any other", () => {
    const one = stage();
    const client = one.ask(ASK);
    one.upstream.last.send("HTTP/1.1 426 No\r\nContent-Length: 2\r\n\r\nno");
    assert.match(client.received, /^HTTP\/1.1 426 No\r\n(?:.*\r\n)+\r\nno$/u);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.lengthOf(one.upstream.connections, 1);
  });

  it("to what is not allowed is not asked for, nor one with a body", () => {
    const asked = [
      ASK.replace("WebSocket", "h2c").replace("Sec-WebSocket-Key", "HTTP2-Settings"),
      ASK.replace("keep-alive, Upgrade", "keep-alive"),
      ASK.replace("GET", "POST").replace("\r\n\r\n", "\r\nContent-Length: 2\r\n\r\nhi"),
      ASK.replace("1.1", "1.0"),
    ];
    for (const text of asked) {
      const one = stage();
      one.ask(text);
      assert.notMatch(one.upstream.last.received, /upgrade|http2-settings/iu, text);
    }
    const other = stage({ upgrades: ["Other"] });
    other.ask(ASK.replace("WebSocket", "x, other"));
    assert.include(other.upstream.last.received, "Upgrade: other\r\n");
  });

  it("that nobody asked for is 502", () => {
    const one = stage();
    const client = one.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    one.upstream.last.send(YES);
    assert.match(client.received, /^HTTP\/1.1 502 /u);
  });

  it("is closed when nothing moves, and reset when the other one is", () => {
    const one = stage({ tunnelTimeout: 10 });
    const client = one.ask(ASK);
    one.upstream.last.send(YES);
    one.reactor.advance(10);
    assert.isTrue(client.halfClosed);
    assert.isTrue(one.upstream.last.halfClosed);
    const two = stage();
    const other = two.ask(ASK);
    two.upstream.last.send(YES);
    two.upstream.last.reset();
    assert.equal(other.ended?.value.name, "ConnectionLost");
  });

  it("whose client is gone before it comes about is given up", () => {
    const one = stage();
    const client = one.ask(ASK);
    client.transport.abortConnection();
    one.upstream.last.send(YES);
    assert.isDefined(one.upstream.last.ended);
  });
});
