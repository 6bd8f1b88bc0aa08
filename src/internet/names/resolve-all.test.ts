import { assert, describe, it } from "vitest";
import { Failure } from "../../defer/failure.ts";
import { CancelledError } from "../../defer/errors.ts";
import { captureLogs } from "../../logger/capture.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../../testing/results.ts";
import { IPv4Address } from "../addresses.ts";
import { DNSLookupError, UnknownHostError } from "../errors.ts";
import type {
  IHostnameResolver,
  IHostResolution,
  IResolutionReceiver,
} from "../interfaces-resolver.ts";
import { HostResolution } from "./host-resolution.ts";
import { resolveAll } from "./resolve-all.ts";

const ADDRESS = new IPv4Address("TCP", "192.0.2.1", 0);
const OTHER = new IPv4Address("TCP", "192.0.2.2", 0);

/** Leaves it to the test. */
class ManualResolver implements IHostnameResolver {
  readonly resolutions: HostResolution[] = [];
  cancelled = 0;

  resolveHostName(receiver: IResolutionReceiver, name: string): HostResolution {
    const resolution = new HostResolution(name, receiver, () => {
      this.cancelled += 1;
    });
    this.resolutions.push(resolution);
    resolution.begin();
    return resolution;
  }

  get only(): HostResolution {
    const [resolution] = this.resolutions;
    if (resolution === undefined) throw new TypeError("nobody has asked");
    return resolution;
  }
}

describe("resolveAll()", () => {
  it("fires with all addresses, in order, when that is all", () => {
    const resolver = new ManualResolver();
    const resolved = resolveAll(resolver, "example.com");
    resolver.only.addressResolved(OTHER);
    resolver.only.addressResolved(ADDRESS);
    assertNoResult(resolved);
    resolver.only.resolutionComplete();
    assert.deepEqual(successResultOf(resolved), [OTHER, ADDRESS]);
  });

  it("fires with what there is, though something went wrong with the rest", () => {
    const resolver = new ManualResolver();
    const resolved = resolveAll(resolver, "example.com");
    resolver.only.addressResolved(ADDRESS);
    resolver.only.resolutionComplete(new DNSLookupError("half of it"));
    assert.deepEqual(successResultOf(resolved), [ADDRESS]);
  });

  it("fails with the resolver's reason, or for want of an address", () => {
    const resolver = new ManualResolver();
    const why = new UnknownHostError("no such name");
    const refused = resolveAll(resolver, "example.com");
    resolver.only.resolutionComplete(why);
    assert.strictEqual(failureResultOf(refused).value, why);
    const empty = resolveAll(resolver, "example.com");
    resolver.resolutions[1]?.resolutionComplete();
    const { value } = failureResultOf(empty, DNSLookupError);
    assert.equal(value.message, 'Cannot resolve "example.com": the resolver found no address');
  });

  it("cancelled, lets go of the resolution", () => {
    const resolver = new ManualResolver();
    const resolved = resolveAll(resolver, "example.com");
    resolved.cancel();
    const { value } = failureResultOf(resolved, CancelledError);
    assert.equal(value.message, 'Resolving "example.com" was cancelled');
    assert.equal(resolver.cancelled, 1);
  });

  it("aborted, fails with the signal's reason as the cause; beforehand, nobody is asked", () => {
    const resolver = new ManualResolver();
    const controller = new AbortController();
    const { signal } = controller;
    const resolved = resolveAll(resolver, "example.com", { signal });
    controller.abort("enough");
    assert.propertyVal(failureResultOf(resolved, CancelledError).value, "cause", "enough");
    failureResultOf(resolveAll(resolver, "example.com", { signal }), CancelledError);
    assert.equal(resolver.resolutions.length, 1);
  });
});

/** One that answers from inside the call, and then does all that it should not. */
function hostile(act: (receiver: IResolutionReceiver) => void): IHostnameResolver {
  return {
    resolveHostName(receiver, name): IHostResolution {
      act(receiver);
      return { name, cancel: () => undefined };
    },
  };
}

describe("resolvers of others", () => {
  it("may answer at once, without having begun", () => {
    const resolver = hostile((receiver) => {
      receiver.addressResolved(ADDRESS);
      receiver.resolutionComplete();
    });
    assert.deepEqual(successResultOf(resolveAll(resolver, "a")), [ADDRESS]);
  });

  it("may go on after the end, or end twice", () => {
    const late: IResolutionReceiver[] = [];
    const resolver = hostile((receiver) => {
      late.push(receiver);
      receiver.addressResolved(ADDRESS);
      receiver.resolutionComplete();
      receiver.resolutionComplete(new Failure(new DNSLookupError("again")));
    });
    const resolved = resolveAll(resolver, "a");
    late[0]?.addressResolved(OTHER);
    assert.deepEqual(successResultOf(resolved), [ADDRESS]);
  });

  it("may throw, before or after they have answered", () => {
    const boom = new Error("boom");
    const before = hostile(() => {
      throw boom;
    });
    const { value } = failureResultOf(resolveAll(before, "a"), DNSLookupError);
    assert.equal(value.message, 'Cannot resolve "a": the resolver failed: boom');
    assert.strictEqual(value.cause, boom);
    const after = hostile((receiver) => {
      receiver.addressResolved(ADDRESS);
      receiver.resolutionComplete();
      throw boom;
    });
    assert.deepEqual(successResultOf(resolveAll(after, "a")), [ADDRESS]);
  });

  it("may throw when they are cancelled: that is logged", () => {
    using logs = captureLogs();
    const boom = new Error("not implemented");
    const resolver: IHostnameResolver = {
      resolveHostName: (_receiver, name) => ({
        name,
        cancel: () => {
          throw boom;
        },
      }),
    };
    const resolved = resolveAll(resolver, "a");
    resolved.cancel();
    failureResultOf(resolved, CancelledError);
    assert.equal(logs.flush((event) => event.log_failure?.value === boom).length, 1);
  });
});

describe("HostResolution", () => {
  it("keeps what a receiver throws to itself, and goes on", () => {
    using logs = captureLogs();
    const seen: string[] = [];
    const shout = (what: string): never => {
      seen.push(what);
      throw new Error(what);
    };
    const resolution = new HostResolution("a", {
      resolutionBegan: () => shout("began"),
      addressResolved: ({ host }) => shout(host),
      resolutionComplete: () => shout("complete"),
    });
    resolution.begin();
    resolution.addressResolved(ADDRESS);
    resolution.addressResolved(OTHER);
    resolution.resolutionComplete();
    assert.deepEqual(seen, ["began", "192.0.2.1", "192.0.2.2", "complete"]);
    assert.equal(logs.flush((event) => event.log_failure !== undefined).length, 4);
  });

  it("tells nothing after the end, or when it is cancelled; that counts once", () => {
    const seen: unknown[] = [];
    let cancelled = 0;
    const receiver: IResolutionReceiver = {
      resolutionBegan: (one) => seen.push(one),
      addressResolved: (one) => seen.push(one),
      resolutionComplete: (reason) => seen.push(reason),
    };
    const over = new HostResolution("a", receiver, () => (cancelled += 1));
    over.begin();
    over.resolutionComplete();
    over.resolutionComplete();
    over.addressResolved(ADDRESS);
    over.cancel();
    assert.deepEqual([seen, cancelled, over.active], [[over, undefined], 0, false]);
    const gone = new HostResolution("a", receiver, () => (cancelled += 1));
    gone.cancel();
    gone.cancel();
    gone.addressResolved(ADDRESS);
    gone.resolutionComplete();
    assert.deepEqual([seen.length, cancelled, gone.active], [2, 1, false]);
  });
});
