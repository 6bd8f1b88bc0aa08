import { assert, it } from "vitest";
import { describeOnAll as describe, unreachable } from "../../../test/fixtures/networks.ts";
import {
  Body,
  GET,
  OK,
  phaseOf,
  upstreamStage as stage,
  WHOLE,
} from "../../../test/fixtures/web/upstream-stage.ts";
import { ConnectionRefusedError } from "../../internet/errors.ts";
import { Protocol } from "../../internet/protocol.ts";
import { HTTPMessageError } from "../http/wire/message-error.ts";
import { ResponseFailed, ResponseNeverReceived, WrongBodyLength } from "./errors.ts";
import type { OutgoingBody, OutgoingRequest } from "./exchange.ts";

describe("an answer", () => {
  it("comes as it is: interim ones, head, body, trailers", () => {
    const { upstream, ask } = stage();
    const { told } = ask();
    assert.equal(upstream.last.take(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    upstream.last.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    upstream.last.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert.deepEqual(told.events, ["interim 103", "head 200"]);
    upstream.last.send("2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n");
    assert.deepEqual(told.events.slice(2), ["hi", "end x-sum 7"]);
  });

  it("may end with the connection, if that ends in good order (RFC 9112 §6.3)", () => {
    for (const end of ["end", "close"] as const) {
      const { upstream, ask } = stage();
      const { told } = ask();
      upstream.last.send("HTTP/1.1 200 OK\r\n\r\nhi");
      upstream.last[end]();
      assert.deepEqual(told.events, WHOLE, end);
      assert.isDefined(upstream.last.ended);
    }
  });

  it("that is cut is a failure, whatever its framing", () => {
    const heads = ["Content-Length: 3", "Transfer-Encoding: chunked", "X-Y: 1"];
    for (const head of heads) {
      const { upstream, ask } = stage();
      const { told } = ask();
      upstream.last.send(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
      upstream.last.reset();
      assert.deepEqual(told.events, ["head 200", "failed"], head);
      assert.isTrue(told.failure?.is(ResponseFailed));
    }
    for (const text of [OK.slice(0, -1), OK.slice(0, 20)]) {
      const { upstream, ask } = stage();
      const { told } = ask();
      upstream.last.send(text);
      upstream.last.close();
      assert.isTrue(told.failure?.is(ResponseFailed), text);
    }
  });

  it("that never comes is another failure", () => {
    for (const end of ["close", "reset", "end"] as const) {
      const { upstream, ask } = stage();
      const { told } = ask();
      upstream.last[end]();
      assert.isTrue(told.failure?.is(ResponseNeverReceived), end);
    }
  });

  it("that is no HTTP ends the connection", () => {
    for (const text of ["SSH-2.0-OpenSSH\r\n", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"]) {
      const { upstream, ask, pool } = stage();
      const { told } = ask();
      upstream.last.send(text);
      assert.isTrue(told.failure?.is(HTTPMessageError), text);
      assert.isDefined(upstream.last.ended);
      assert.equal(pool.connections, 0);
    }
  });

  it("waits while its receiver has paused, and its server too", () => {
    const { reactor, upstream, ask } = stage();
    const { told, exchange } = ask();
    upstream.last.send("HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n");
    exchange.pause();
    for (let at = 0; at < 9; at += 1) upstream.last.send(Buffer.alloc(100_000));
    assert.isAbove(upstream.last.transport.bufferedBytes, 700_000);
    assert.equal(told.bytes, 0);
    reactor.advance(1000); // Nobody waits for what nobody wants.
    exchange.resume();
    assert.equal(told.bytes, 0, "nothing is delivered before resume() returns");
    reactor.flush();
    assert.equal(told.bytes, 900_000);
    assert.equal(told.events.at(-1), "end");
  });

  it("that is wanted again has its deadline again", () => {
    const { reactor, upstream, ask } = stage();
    const { told, exchange } = ask();
    upstream.last.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    exchange.pause();
    reactor.advance(1000);
    exchange.resume();
    reactor.advance(59);
    assert.isUndefined(told.failure);
    reactor.advance(1);
    assert.equal(phaseOf(told), "body");
  });

  it("nobody wants any more ends its connection", () => {
    const { reactor, upstream, ask } = stage();
    const { told, exchange } = ask();
    upstream.last.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    exchange.cancel();
    exchange.cancel();
    reactor.flush();
    assert.deepEqual(told.events, ["head 200"]);
    assert.isDefined(upstream.last.ended);
  });
});

describe("a body", () => {
  const post = (body: OutgoingBody, more: Partial<OutgoingRequest> = {}): OutgoingRequest => {
    return { ...GET, method: "POST", body, ...more };
  };

  it("is sent with its length, or in chunks with trailers (RFC 9112 §6)", () => {
    const { reactor, upstream, ask } = stage();
    const known = new Body(2);
    const { told } = ask(post(known));
    known.write("hi");
    known.end();
    reactor.flush();
    assert.equal(upstream.last.take(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    upstream.last.send(OK);
    assert.deepEqual(told.events, WHOLE);
    const unknown = new Body();
    ask(post(unknown));
    unknown.write("hi");
    unknown.end(["x-sum", "7"]);
    reactor.flush();
    assert.equal(
      upstream.last.take(),
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
        "2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n",
    );
    assert.lengthOf(upstream.connections, 1);
  });

  it("that is missing is said to be empty where one is expected (RFC 9110 §8.6)", () => {
    const { upstream, ask } = stage();
    ask({ ...GET, method: "POST" });
    assert.match(upstream.last.take(), /Content-Length: 0\r\n\r\n$/u);
  });

  it("goes at the server's pace", () => {
    const { reactor, upstream, ask } = stage();
    const body = new Body();
    ask(post(body));
    upstream.last.transport.pauseProducing();
    body.write(Buffer.alloc(200_000));
    reactor.flush();
    assert.deepEqual(body.told, ["pause"]);
    upstream.last.transport.resumeProducing();
    reactor.flush();
    assert.deepEqual(body.told, ["pause", "resume"]);
  });

  it("of which the server takes nothing has a deadline", () => {
    const { reactor, upstream, ask } = stage();
    const body = new Body();
    const { told } = ask(post(body));
    upstream.last.transport.pauseProducing();
    body.write(Buffer.alloc(200_000));
    reactor.advance(59);
    assert.isUndefined(told.failure);
    reactor.advance(1);
    assert.equal(phaseOf(told), "write");
    assert.deepEqual(body.told, ["pause", "stop"]);
  });

  it("of the wrong length fails the request", () => {
    for (const text of ["h", "hii"]) {
      const { reactor, upstream, ask } = stage();
      const body = new Body(2);
      const { told } = ask(post(body));
      body.write(text);
      body.end();
      reactor.flush();
      assert.isTrue(told.failure?.is(WrongBodyLength), text);
      assert.notInclude(upstream.last.received, "hii");
      assert.isDefined(upstream.last.ended);
    }
  });

  it("whose rest does not come fails the request, with that reason", () => {
    const { reactor, upstream, ask } = stage();
    const body = new Body();
    const { told } = ask(post(body));
    body.write("h");
    const error = new Error("the source is dry");
    body.done.errback(error);
    assert.deepEqual(told.events, [], "not from inside");
    reactor.flush();
    assert.equal(told.failure?.value, error);
    assert.isDefined(upstream.last.ended);
  });

  it("is not sent on after a refusal, or after the end of an early answer (RFC 9112 §9.5)", () => {
    const answers = [
      "HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    ];
    for (const answer of answers) {
      const { upstream, ask } = stage();
      const body = new Body();
      const { told } = ask(post(body));
      body.write("h");
      upstream.last.send(answer);
      assert.deepEqual(body.told, ["stop"], answer);
      body.write("more");
      if (!answer.endsWith("hi")) upstream.last.send("hi");
      assert.deepEqual(told.events.slice(1), ["hi", "end"]);
      assert.notInclude(upstream.last.received, "more");
      assert.isDefined(upstream.last.ended, "half a request is on this connection");
    }
  });

  it("goes on while an answer comes that may need it", () => {
    const { reactor, upstream, ask } = stage();
    const body = new Body(2);
    const { told } = ask(post(body));
    upstream.last.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh");
    body.write("hi");
    body.end();
    reactor.flush();
    upstream.last.send("i");
    assert.deepEqual(told.events, ["head 200", "hi", "end"]);
    assert.isUndefined(upstream.last.ended);
  });

  it("waits for 100, for a second, or is never sent (RFC 9110 §10.1.1)", () => {
    const { reactor, upstream, ask } = stage();
    const body = new Body(2);
    const { told } = ask(post(body, { expectsContinue: true }));
    assert.match(upstream.last.take(), /Expect: 100-continue\r\n\r\n$/u);
    assert.isUndefined(body.consumer);
    upstream.last.send("HTTP/1.1 100 Continue\r\n\r\n");
    assert.deepEqual(told.events, ["interim 100"]);
    assert.isDefined(body.consumer);
    const other = stage();
    const late = new Body(2);
    other.ask(post(late, { expectsContinue: true }));
    other.reactor.advance(1);
    assert.isDefined(late.consumer);
    const never = new Body(2);
    const refused = ask(post(never, { expectsContinue: true }));
    upstream.last.send("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nhi");
    assert.deepEqual(refused.told.events, ["head 401", "hi", "end"]);
    assert.isUndefined(never.consumer);
    assert.isDefined(upstream.last.ended);
    reactor.flush();
  });

  it("waits its second also while the last one's is still on its way", () => {
    const { reactor, upstream, ask } = stage();
    const long = new Body(200_000);
    ask(post(long));
    upstream.last.transport.pauseProducing();
    long.write(Buffer.alloc(200_000));
    long.end();
    upstream.last.send(OK);
    const next = new Body(2);
    ask(post(next, { expectsContinue: true }));
    upstream.last.transport.resumeProducing();
    reactor.flush();
    assert.isUndefined(next.consumer);
    reactor.advance(1);
    assert.isDefined(next.consumer);
    assert.lengthOf(upstream.connections, 1);
  });
});

describe("deadlines", () => {
  it("head: from the end of the request; an interim answer begins it anew", () => {
    const { reactor, upstream, ask } = stage({ headTimeout: 5 });
    const { told } = ask();
    reactor.advance(4);
    upstream.last.send("HTTP/1.1 102 Processing\r\n\r\n");
    reactor.advance(4);
    assert.isUndefined(told.failure);
    upstream.last.send("HTTP/1.1 200");
    reactor.advance(1);
    assert.equal(phaseOf(told), "head");
    assert.isDefined(upstream.last.ended);
  });

  it("body: without a byte of it", () => {
    const { reactor, upstream, ask } = stage({ bodyTimeout: 5 });
    const { told } = ask();
    upstream.last.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    reactor.advance(4);
    upstream.last.send("a");
    reactor.advance(4);
    assert.isUndefined(told.failure);
    reactor.advance(1);
    assert.equal(phaseOf(told), "body");
  });

  it("connect, and what the endpoint says before that", () => {
    const { reactor, ask, pool } = stage({ connectTimeout: 5 });
    unreachable(reactor, "drop");
    const { told } = ask();
    reactor.advance(5);
    assert.equal(phaseOf(told), "connect");
    unreachable(reactor, "refuse");
    assert.isTrue(ask().told.failure?.is(ConnectionRefusedError));
    assert.equal(pool.connections, 0);
  });

  it("are 0 for none, and not negative", () => {
    assert.throws(() => stage({ headTimeout: -1 }), RangeError);
    assert.throws(() => stage({ maxConnections: 0 }), RangeError);
    const { reactor, ask } = stage({ headTimeout: 0, connectTimeout: 0 });
    const { told } = ask();
    reactor.advance(1e6);
    assert.isUndefined(told.failure);
  });
});

describe("a switch", () => {
  it("hands the connection over, with what came behind the answer (RFC 9110 §7.8)", () => {
    const { reactor, upstream, ask, pool } = stage();
    const { told } = ask({ ...GET, upgrade: "websocket" });
    assert.include(upstream.last.take(), "Connection: upgrade\r\nUpgrade: websocket\r\n");
    const head = "HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\nhello";
    upstream.last.send(head);
    assert.deepEqual(told.events, ["switched 101"]);
    let heard = "";
    class Heard extends Protocol {
      override dataReceived(data: Buffer): void {
        heard += data.toString();
      }
      override connectionLost(): void {
        heard += " lost";
      }
    }
    told.taken?.start(new Heard());
    upstream.last.send(" more");
    assert.equal(heard, "hello more");
    assert.equal(pool.connections, 1, "it is open, and nobody else's");
    assert.equal(pool.idle, 0);
    upstream.last.close();
    assert.equal(heard, "hello more lost");
    assert.equal(pool.connections, 0);
    reactor.flush();
  });

  it("to something else is refused", () => {
    const { upstream, ask } = stage();
    const { told } = ask({ ...GET, upgrade: "websocket" });
    upstream.last.send("HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n");
    assert.isTrue(told.failure?.is(HTTPMessageError));
  });
});
