import { assert, it } from "vitest";
import { describeOnAll as describe, unreachable } from "../../../test/fixtures/networks.ts";
import {
  GET,
  OK,
  phaseOf,
  Told,
  upstreamStage as stage,
  WHOLE,
} from "../../../test/fixtures/web/upstream-stage.ts";
import { succeed } from "../../defer/combinators.ts";
import { assertNoResult, successResultOf } from "../../testing/results.ts";
import {
  ResponseFailed,
  ResponseNeverReceived,
  UpstreamBusyError,
  UpstreamStateError,
} from "./errors.ts";
import type { OutgoingRequest } from "./exchange.ts";

describe("connections", () => {
  it("are used again, the one used last first, and closed when idle for 4 seconds", () => {
    const { reactor, upstream, ask, pool } = stage();
    const [first, second] = [ask(), ask()];
    for (const connection of upstream.connections) connection.send(OK);
    assert.deepEqual([first.told.events, second.told.events], [WHOLE, WHOLE]);
    assert.deepEqual([pool.connections, pool.idle], [2, 2]);
    upstream.connections[1]?.take();
    ask();
    assert.include(upstream.connections[1]?.received, "GET /");
    upstream.last.send(OK);
    reactor.advance(4);
    assert.deepEqual([pool.connections, pool.idle], [0, 0]);
    assert.isTrue(upstream.connections.every(({ halfClosed }) => halfClosed));
  });

  it("are not used again where one side said so, or what is left cannot be", () => {
    const answers = [
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
      "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
      `${OK}HTTP/1.1 200 OK\r\n`,
    ];
    for (const answer of answers) {
      const { upstream, ask, pool } = stage();
      const { told } = ask();
      upstream.last.send(answer);
      assert.deepEqual(told.events, WHOLE, answer);
      assert.equal(pool.connections, 0, answer);
    }
    const { upstream, ask, pool } = stage({ maxIdle: 0 });
    ask();
    assert.include(upstream.last.take(), "Connection: close\r\n");
    upstream.last.send(OK);
    assert.equal(pool.connections, 0);
  });

  it("are not handed on with an answer that nobody has asked for", () => {
    const { upstream, ask } = stage({ maxConnections: 1 });
    const first = ask();
    const second = ask();
    upstream.last.send(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`);
    assert.deepEqual(first.told.events, WHOLE);
    assert.deepEqual(second.told.events, []);
    assert.lengthOf(upstream.connections, 2);
    upstream.last.send(OK);
    assert.deepEqual(second.told.events, WHOLE);
  });

  it("that are just being closed are not used", () => {
    const { reactor, upstream, ask, pool } = stage();
    ask();
    upstream.last.send(OK);
    const told = new Told();
    reactor.callLater(4, () => pool.request(GET, told)); // As the idle one is closed.
    reactor.advance(4);
    assert.lengthOf(upstream.connections, 2);
    upstream.last.send(OK);
    assert.deepEqual(told.events, WHOLE);
  });

  it("that speak unasked, or end, are given up", () => {
    const { upstream, ask, pool } = stage();
    for (const act of ["send", "close", "reset", "end"] as const) {
      ask();
      upstream.last.send(OK);
      assert.equal(pool.idle, 1);
      if (act === "send") upstream.last.send("HTTP/1.1 408 Too late\r\n\r\n");
      else upstream.last[act]();
      assert.deepEqual([pool.idle, pool.connections], [0, 0], act);
    }
  });

  it("beyond maxIdle are closed, the oldest first", () => {
    const { upstream, ask, pool } = stage({ maxIdle: 1 });
    ask();
    ask();
    for (const connection of upstream.connections) connection.send(OK);
    assert.equal(pool.connections, 1);
    assert.deepEqual(
      [true, false],
      upstream.connections.map(({ halfClosed }) => halfClosed),
    );
  });

  it("are waited for beyond maxConnections, in order, and not for ever", () => {
    const { reactor, upstream, ask, pool } = stage({ maxConnections: 1, maxWaiting: 2 });
    const [first, second, third, fourth] = [ask(), ask(), ask(), ask()];
    assert.isTrue(fourth.told.failure?.is(UpstreamBusyError));
    assert.deepEqual([pool.connections, pool.waiting], [1, 2]);
    upstream.last.send(OK);
    assert.deepEqual(first.told.events, WHOLE);
    upstream.last.send(OK);
    assert.deepEqual(second.told.events, WHOLE);
    assert.lengthOf(upstream.connections, 1);
    const late = ask();
    reactor.advance(10);
    assert.equal(phaseOf(late.told), "wait");
    const cancelled = ask();
    const patient = ask();
    cancelled.exchange.cancel();
    upstream.last.reset(); // Third's, which goes to a new one.
    assert.deepEqual([pool.connections, pool.waiting], [1, 1]);
    upstream.last.send(OK);
    assert.deepEqual(third.told.events, WHOLE);
    upstream.last.send(OK);
    assert.deepEqual(cancelled.told.events, []);
    assert.deepEqual(patient.told.events, WHOLE);
    assert.lengthOf(upstream.connections, 2);
  });

  it("that are being made can be given up", () => {
    const { reactor, ask, pool } = stage();
    unreachable(reactor, "drop");
    const { told, exchange } = ask();
    assert.equal(pool.connections, 1);
    exchange.cancel();
    reactor.advance(100);
    assert.equal(pool.connections, 0);
    assert.deepEqual(told.events, []);
  });

  it("close() lets what is under way end", () => {
    const { reactor, upstream, ask, pool } = stage({ maxConnections: 1 });
    const { told } = ask();
    const waiting = ask();
    const closed = pool.close();
    reactor.flush();
    assertNoResult(closed);
    assert.isTrue(waiting.told.failure?.is(UpstreamStateError));
    assert.isTrue(ask().told.failure?.is(UpstreamStateError));
    upstream.last.send(OK);
    assert.deepEqual(told.events, WHOLE);
    successResultOf(closed);
    successResultOf(pool.close());
  });
});

describe("a stale connection", () => {
  /** A pool whose idle connection its server closes as the next request is on its way. */
  function stale(request: OutgoingRequest) {
    const all = stage();
    const { reactor, upstream, pool, ask } = all;
    ask();
    upstream.last.send(OK);
    upstream.last.transport.loseConnection();
    const told = new Told();
    pool.request(request, told);
    reactor.flush();
    return { ...all, told };
  }

  it("is replaced by a new one, once, for what may be sent twice (RFC 9110 §9.2.2)", () => {
    const { upstream, told } = stale(GET);
    assert.lengthOf(upstream.connections, 2);
    upstream.last.send(OK);
    assert.deepEqual(told.events, WHOLE);
    const again = stale(GET);
    again.upstream.last.close();
    assert.isTrue(again.told.failure?.is(ResponseNeverReceived));
    assert.lengthOf(again.upstream.connections, 2);
  });

  it("fails what may not be, or cannot be", () => {
    const body = { length: 2, pipeTo: () => succeed([]) };
    for (const request of [
      { ...GET, method: "POST" },
      { ...GET, method: "PUT", body },
    ]) {
      const { upstream, told } = stale(request);
      assert.isDefined(told.failure, request.method);
      assert.lengthOf(upstream.connections, 1);
    }
  });

  it("is not what failed on a new one, or after a byte", () => {
    const { upstream, ask } = stage();
    const { told } = ask();
    upstream.last.close();
    assert.isTrue(told.failure?.is(ResponseNeverReceived));
    ask();
    upstream.last.send(OK);
    const later = ask();
    upstream.last.send("H");
    upstream.last.close();
    assert.isTrue(later.told.failure?.is(ResponseFailed));
    assert.lengthOf(upstream.connections, 2);
  });
});
