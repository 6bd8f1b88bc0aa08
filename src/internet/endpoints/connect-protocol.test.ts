import { assert, describe, it } from "vitest";
import { fail } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { NoAddress } from "../addresses.ts";
import { ConnectingCancelledError } from "../errors.ts";
import type { IProtocolFactory, IStreamClientEndpoint } from "../interfaces-factory.ts";
import type { IProtocol } from "../interfaces-transport.ts";
import { Protocol } from "../protocol.ts";
import { connectProtocol } from "./connect-protocol.ts";

const PEER = new NoAddress("test");

/** Somebody else's endpoint, which knows nothing of signals. */
class InstantEndpoint implements IStreamClientEndpoint {
  readonly built: (IProtocol | undefined)[] = [];

  connect<P extends IProtocol>(factory: IProtocolFactory<P>): Deferred<P> {
    factory.doStart();
    const protocol = factory.buildProtocol(PEER);
    this.built.push(protocol, factory.buildProtocol(PEER));
    factory.doStop();
    const deferred = new Deferred<P>();
    if (protocol === undefined) return fail(new TypeError("no protocol"));
    deferred.callback(protocol);
    return deferred;
  }
}

/** One that never answers. */
class HangingEndpoint implements IStreamClientEndpoint {
  attempts = 0;

  connect<P extends IProtocol>(_factory: IProtocolFactory<P>): Deferred<P> {
    this.attempts += 1;
    return new Deferred<P>();
  }
}

function outcomes(deferred: Deferred<unknown>): unknown[] {
  const seen: unknown[] = [];
  void deferred.addBoth((result) => {
    seen.push(result instanceof Failure ? result.value : result);
  });
  return seen;
}

describe("connectProtocol()", () => {
  it("connects the protocol it is given, once", () => {
    const endpoint = new InstantEndpoint();
    const protocol = new Protocol();
    assert.deepEqual(outcomes(connectProtocol(endpoint, protocol)), [protocol]);
    assert.deepEqual(endpoint.built, [protocol, undefined]);
  });

  it("keeps the protocol's type", async () => {
    class Typed extends Protocol {
      readonly answer = 42;
    }
    const typed = await connectProtocol(new InstantEndpoint(), new Typed());
    assert.equal(typed.answer, 42);
  });

  it("is cancelled by its signal", () => {
    const controller = new AbortController();
    const { signal } = controller;
    const seen = outcomes(connectProtocol(new HangingEndpoint(), new Protocol(), { signal }));
    assert.isEmpty(seen);
    controller.abort();
    assert.instanceOf(seen[0], CancelledError);
  });

  it("starts nothing when aborted beforehand", () => {
    const endpoint = new HangingEndpoint();
    const signal = AbortSignal.abort();
    const seen = outcomes(connectProtocol(endpoint, new Protocol(), { signal }));
    assert.instanceOf(seen[0], ConnectingCancelledError);
    assert.equal(endpoint.attempts, 0);
  });
});
