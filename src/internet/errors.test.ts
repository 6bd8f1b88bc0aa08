import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { LocalProtocolError, SennitError } from "../core/errors.ts";
import * as deferErrors from "../defer/errors.ts";
import { Failure } from "../defer/failure.ts";
import { IPv4Address } from "./addresses.ts";
import * as errors from "./errors.ts";

const {
  ConnectError,
  ConnectionAborted,
  ConnectionClosed,
  ConnectionDone,
  ConnectionLost,
  ConnectionTimedOut,
  SendBufferFullError,
} = errors;
const somewhere = new IPv4Address("TCP", "192.0.2.1", 25);
const MESSAGE = "Cannot do this to that: expected one, got another";

/** One of each, made as its callers make it. */
const ONE_OF_EACH: readonly SennitError[] = [
  new errors.AlreadyCalled(MESSAGE),
  new errors.AlreadyCancelled(MESSAGE),
  new errors.AlreadyConnectingError(MESSAGE),
  new errors.AlreadyListeningError(MESSAGE),
  new errors.CannotListenError("127.0.0.1", 25, new Error("address in use")),
  new errors.ConnectBindError(MESSAGE, somewhere),
  new errors.ConnectFailedError(MESSAGE, somewhere),
  new errors.ConnectingCancelledError(MESSAGE, somewhere),
  new errors.ConnectionAborted(),
  new errors.ConnectionDone(),
  new errors.ConnectionLost(),
  new errors.ConnectionRefusedError(MESSAGE, somewhere),
  new errors.ConnectionResetError(MESSAGE, somewhere),
  new errors.ConnectionTimedOut("close", 30),
  new errors.DNSLookupError(MESSAGE, somewhere),
  new errors.NoProtocol(MESSAGE, somewhere),
  new errors.NoRouteError(MESSAGE, somewhere),
  new errors.NotConnectingError(MESSAGE),
  new errors.ProducerAlreadyRegisteredError(MESSAGE),
  new errors.ReactorAlreadyRunning(MESSAGE),
  new errors.ReactorNotRunning(MESSAGE),
  new errors.ResourceExhaustedError(MESSAGE, somewhere),
  new errors.SendBufferFullError(70_000, 65_536),
  new errors.TCPTimedOutError(MESSAGE, somewhere),
  new errors.TimeoutError(somewhere, 30),
  new errors.UnknownHostError(MESSAGE, somewhere),
  new errors.UnsupportedError("IReactorUNIX", "NodeReactor"),
  new errors.UserError(MESSAGE, somewhere),
  new deferErrors.AlreadyCalledError(MESSAGE),
  new deferErrors.CancelledError(),
  new deferErrors.NonErrorThrown(MESSAGE, "thrown"),
  new deferErrors.TimeoutError(MESSAGE),
];

/** Part of the public API: a change of one of these lines breaks somebody's program. */
const CODES = [
  "AlreadyCalled ERR_ALREADY_CALLED",
  "AlreadyCalledError ERR_ALREADY_CALLED_DEFERRED",
  "AlreadyCancelled ERR_ALREADY_CANCELLED",
  "AlreadyConnectingError ERR_ALREADY_CONNECTING",
  "AlreadyListeningError ERR_ALREADY_LISTENING",
  "CancelledError ERR_CANCELLED",
  "CannotListenError ERR_CANNOT_LISTEN",
  "ConnectBindError ERR_CONNECT_BIND",
  "ConnectFailedError ERR_CONNECT_FAILED",
  "ConnectingCancelledError ERR_CONNECT_CANCELLED",
  "ConnectionAborted ERR_CONNECTION_ABORTED",
  "ConnectionDone ERR_CONNECTION_DONE",
  "ConnectionLost ERR_CONNECTION_LOST",
  "ConnectionRefusedError ERR_CONNECT_REFUSED",
  "ConnectionResetError ERR_CONNECT_RESET",
  "ConnectionTimedOut ERR_CONNECTION_TIMED_OUT",
  "DNSLookupError ERR_CONNECT_DNS_LOOKUP",
  "NoProtocol ERR_CONNECT_NO_PROTOCOL",
  "NoRouteError ERR_CONNECT_NO_ROUTE",
  "NonErrorThrown ERR_NON_ERROR_THROWN",
  "NotConnectingError ERR_NOT_CONNECTING",
  "ProducerAlreadyRegisteredError ERR_PRODUCER_ALREADY_REGISTERED",
  "ReactorAlreadyRunning ERR_REACTOR_ALREADY_RUNNING",
  "ReactorNotRunning ERR_REACTOR_NOT_RUNNING",
  "ResourceExhaustedError ERR_CONNECT_RESOURCES",
  "SendBufferFullError ERR_CONNECTION_SEND_BUFFER_FULL",
  "TCPTimedOutError ERR_CONNECT_TCP_TIMED_OUT",
  "TimeoutError ERR_CONNECT_TIMEOUT",
  "TimeoutError ERR_TIMEOUT",
  "UnknownHostError ERR_CONNECT_UNKNOWN_HOST",
  "UnsupportedError ERR_UNSUPPORTED",
  "UserError ERR_CONNECT_USER",
];

const byCode = (a: string, b: string): number => (a < b ? -1 : 1);

describe("every error class", () => {
  it("is here, but for those that nobody makes one of", () => {
    const made = new Set(ONE_OF_EACH.map((error) => error.constructor));
    const missing = [...Object.values(errors), ...Object.values(deferErrors)]
      .filter((kind) => !made.has(kind))
      .map((kind) => kind.name);
    assert.deepEqual(missing.toSorted(byCode), ["ConnectError", "ConnectionClosed"]);
  });

  it("has a code that never changes, and that no other has", () => {
    const codes = ONE_OF_EACH.map((error) => `${error.name} ${error.code}`);
    assert.deepEqual(codes.toSorted(byCode), CODES);
    assert.equal(new Set(ONE_OF_EACH.map((error) => error.code)).size, ONE_OF_EACH.length);
  });

  it("is named by its class wherever it is shown", () => {
    for (const error of ONE_OF_EACH) {
      const { name } = error.constructor;
      assert.equal(error.name, name);
      assert.equal(String(error), `${name}: ${error.message}`);
      assert.isTrue((error.stack ?? "").startsWith(`${name}: `), error.stack);
      assert.include(inspect(error), error.code);
      assert.isTrue(error instanceof SennitError);
    }
  });

  it("has a message that begins with a capital and ends without a full stop", () => {
    for (const { name, message } of ONE_OF_EACH) {
      assert.match(message, /^[A-Z].{10,}[^.]$/u, name);
      assert.notInclude(message, "undefined", name);
    }
  });

  it("is found by its code and by its class", () => {
    for (const error of ONE_OF_EACH) {
      const failure = new Failure(error);
      assert.equal(failure.check(error.code), error.code);
      assert.isUndefined(failure.check(`${error.code}_NOT`));
    }
  });
});

describe("the families", () => {
  it("a connection that ended is a ConnectionClosed; one that ended badly a ConnectionLost", () => {
    for (const error of ONE_OF_EACH) {
      const closed = error.code.startsWith("ERR_CONNECTION_");
      assert.equal(error instanceof ConnectionClosed, closed, error.name);
      const lost = closed && error.code !== "ERR_CONNECTION_DONE";
      assert.equal(error instanceof ConnectionLost, lost, error.name);
    }
  });

  it("a connection that did not come about is a ConnectError, which says where to", () => {
    for (const error of ONE_OF_EACH) {
      const failed = error.code.startsWith("ERR_CONNECT_");
      assert.equal(error instanceof ConnectError, failed, error.name);
      if (error instanceof ConnectError) assert.equal(error.destination, somewhere);
    }
  });

  it("asking at the wrong moment is a LocalProtocolError", () => {
    const local = ONE_OF_EACH.filter((error) => error instanceof LocalProtocolError);
    assert.isTrue(local.some((error) => error instanceof errors.ReactorNotRunning));
    assert.isTrue(local.every((error) => !(error instanceof ConnectionClosed)));
  });
});

describe("what they carry", () => {
  it("the cause, where there is one", () => {
    const cause = new Error("ECONNRESET");
    for (const error of [
      new ConnectionDone("x", { cause }),
      new ConnectionLost("x", { cause }),
      new ConnectionAborted("x", { cause }),
      new errors.NoRouteError("x", somewhere, { cause }),
      new errors.CannotListenError("", 25, cause),
      new deferErrors.CancelledError("x", { cause }),
    ]) {
      assert.equal(error.cause, cause);
    }
    assert.isFalse("cause" in new ConnectionDone());
  });

  it("CannotListenError: address, port and reason", () => {
    const error = new errors.CannotListenError("", 8000, new Error("address in use"));
    assert.equal(error.message, "Cannot listen on any:8000: address in use");
    assert.deepInclude(error, { interface: "", port: 8000 });
    const other = new errors.CannotListenError("127.0.0.1", "/run/x.sock", "text");
    assert.equal(other.message, "Cannot listen on 127.0.0.1:/run/x.sock: text");
  });

  it("deadlines: the phase and the seconds", () => {
    const closed = new ConnectionTimedOut("close", 30);
    assert.deepInclude(closed, { phase: "close", seconds: 30 });
    assert.include(closed.message, "phase close for 30 seconds");
    const connecting = new errors.TimeoutError(somewhere, 1.5);
    assert.deepInclude(connecting, { phase: "connect", seconds: 1.5 });
    assert.equal(
      connecting.message,
      "Cannot connect to 192.0.2.1:25: no answer within 1.5 seconds",
    );
    assert.deepInclude(new deferErrors.TimeoutError("x", "lookup", 2), {
      phase: "lookup",
      seconds: 2,
    });
  });

  it("UnsupportedError: the capability, and how to ask first", () => {
    const error = new errors.UnsupportedError("IReactorUNIX", "NodeReactor");
    assert.equal(error.capability, "IReactorUNIX");
    assert.include(error.message, "reactor.provides(IReactorUNIX)");
  });

  it("SendBufferFullError: how much, and what to do", () => {
    const { message } = new SendBufferFullError(70_000, 65_536);
    for (const part of ["70000", "65536", "producer", "maxBufferedBytes"]) {
      assert.include(message, part);
    }
  });
});
