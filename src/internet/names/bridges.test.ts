import { assert, describe, it } from "vitest";
import { fail, succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import type { Failure } from "../../defer/failure.ts";
import { Clock } from "../../testing/clock.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../../testing/results.ts";
import { IPv4Address, IPv6Address } from "../addresses.ts";
import { DNSLookupError, UnknownHostError } from "../errors.ts";
import type {
  IHostnameResolver,
  IPAddress,
  IResolutionReceiver,
  IResolverSimple,
  ResolveHostNameOptions,
} from "../interfaces-resolver.ts";
import { ComplexResolverSimplifier, FirstOneWins, SimpleResolverComplexifier } from "./bridges.ts";
import { HostResolution } from "./host-resolution.ts";
import { resolveAll } from "./resolve-all.ts";

const FOUR = new IPv4Address("TCP", "192.0.2.1", 0);
const SIX = new IPv6Address("TCP", "fe80::1", 0, 0, "eth0");

/** Leaves it to the test. */
class ManualResolver implements IHostnameResolver {
  readonly asked: [string, ResolveHostNameOptions | undefined][] = [];
  #resolution: HostResolution | undefined;
  cancelled = 0;

  resolveHostName(
    receiver: IResolutionReceiver,
    name: string,
    options?: ResolveHostNameOptions,
  ): HostResolution {
    this.asked.push([name, options]);
    this.#resolution = new HostResolution(name, receiver, () => {
      this.cancelled += 1;
    });
    this.#resolution.begin();
    return this.#resolution;
  }

  get resolution(): HostResolution {
    if (this.#resolution === undefined) throw new TypeError("nobody has asked");
    return this.#resolution;
  }
}

describe("FirstOneWins", () => {
  it("fires with the first address, in text, and lets go of the others", () => {
    const resolver = new ManualResolver();
    const first = new Deferred<string>();
    const resolution = resolver.resolveHostName(new FirstOneWins(first), "a");
    resolution.addressResolved(SIX);
    assert.equal(successResultOf(first), "fe80::1%eth0");
    assert.equal(resolver.cancelled, 1);
  });

  it("goes on unmoved if its resolution cannot be cancelled, or its Deferred was", () => {
    const first = new Deferred<string>();
    const receiver = new FirstOneWins(first);
    receiver.addressResolved(FOUR);
    receiver.addressResolved(SIX);
    receiver.resolutionComplete();
    assert.equal(successResultOf(first), "192.0.2.1");
    const cancelled = new Deferred<string>();
    const late = new FirstOneWins(cancelled);
    cancelled.cancel();
    late.addressResolved(FOUR);
    late.resolutionComplete();
    failureResultOf(cancelled, CancelledError);
  });

  it("fails when there is none, with the reason", () => {
    const resolver = new ManualResolver();
    const first = new Deferred<string>();
    resolver.resolveHostName(new FirstOneWins(first), "a").resolutionComplete();
    const { value } = failureResultOf(first, DNSLookupError);
    assert.equal(value.message, 'Cannot resolve "a": the resolver found no address');
    const second = new Deferred<string>();
    const why = new UnknownHostError("no");
    resolver.resolveHostName(new FirstOneWins(second), "a").resolutionComplete(why);
    assert.strictEqual(failureResultOf(second).value, why);
  });
});

describe("ComplexResolverSimplifier", () => {
  it("asks for IPv4, and gives the first", () => {
    const resolver = new ManualResolver();
    const found = new ComplexResolverSimplifier(resolver).getHostByName("example.com");
    assert.deepEqual(resolver.asked, [["example.com", { addressTypes: ["IPv4"] }]]);
    resolver.resolution.addressResolved(SIX); // It was not asked for.
    assertNoResult(found);
    resolver.resolution.addressResolved(FOUR);
    assert.equal(successResultOf(found), "192.0.2.1");
    assert.equal(resolver.cancelled, 1);
  });

  it("fails with a typed error when there is none, or the resolver throws", () => {
    const resolver = new ManualResolver();
    const found = new ComplexResolverSimplifier(resolver).getHostByName("example.com");
    resolver.resolution.resolutionComplete(new UnknownHostError("no"));
    failureResultOf(found, UnknownHostError);
    const boom = new Error("boom");
    const broken = new ComplexResolverSimplifier({
      resolveHostName: () => {
        throw boom;
      },
    });
    const { value } = failureResultOf(broken.getHostByName("a"), DNSLookupError);
    assert.strictEqual(value.cause, boom);
  });

  it("lets go when it is cancelled", () => {
    const resolver = new ManualResolver();
    const found = new ComplexResolverSimplifier(resolver).getHostByName("a");
    found.cancel();
    failureResultOf(found, CancelledError);
    assert.equal(resolver.cancelled, 1);
  });

  it("keeps the sum of the timeouts where it has a clock", () => {
    const clock = new Clock();
    const resolver = new ManualResolver();
    const found = new ComplexResolverSimplifier(resolver, clock).getHostByName("a", [1, 3]);
    clock.advance(3.9);
    assertNoResult(found);
    clock.advance(0.1);
    const { value } = failureResultOf(found, DNSLookupError);
    assert.equal(value.message, 'Cannot resolve "a": no answer within 4 seconds');
    assert.equal(resolver.cancelled, 1);
    const soon = new ComplexResolverSimplifier(resolver, clock).getHostByName("a", [1]);
    resolver.resolution.addressResolved(FOUR);
    assert.equal(successResultOf(soon), "192.0.2.1");
    assert.isEmpty(clock.getDelayedCalls());
    const free = new ComplexResolverSimplifier(resolver).getHostByName("a", [1]);
    clock.advance(10);
    assertNoResult(free);
  });
});

describe("SimpleResolverComplexifier", () => {
  /** Everything that is told about a name. */
  function told(
    simple: IResolverSimple,
    name = "example.com",
    options?: ResolveHostNameOptions,
  ): (string | Failure)[] {
    const seen: (string | Failure)[] = [];
    new SimpleResolverComplexifier(simple).resolveHostName(
      {
        resolutionBegan: (resolution) => seen.push(`began ${resolution.name}`),
        addressResolved: (address) => seen.push(`${address.type} ${address.toString()}`),
        resolutionComplete: (reason) => seen.push(reason ?? "complete"),
      },
      name,
      options,
    );
    return seen;
  }

  it("tells of the one address", () => {
    const simple = { getHostByName: () => succeed("192.0.2.1") };
    assert.deepEqual(told(simple), ["began example.com", "TCP 192.0.2.1:0", "complete"]);
    const options = { portNumber: 53, transportSemantics: "UDP" } as const;
    const six = { getHostByName: () => succeed("::1") };
    assert.deepEqual(told(six, "x", options), ["began x", "UDP [::1]:53", "complete"]);
  });

  it("asks in ASCII, and tells the name as it was given", () => {
    const asked: string[] = [];
    const simple = {
      getHostByName: (name: string) => {
        asked.push(name);
        return succeed("192.0.2.1");
      },
    };
    assert.equal(told(simple, "bücher.example")[0], "began bücher.example");
    told(simple, "::1");
    assert.deepEqual(asked, ["xn--bcher-kva.example", "::1"]);
  });

  /** The error of the only thing told besides the beginning. */
  async function reasonOf(
    simple: IResolverSimple,
    options?: ResolveHostNameOptions,
  ): Promise<Error> {
    const resolved = resolveAll(new SimpleResolverComplexifier(simple), "example.com", options);
    return await resolved.then(
      () => assert.fail("expected no address"),
      (error: Error) => error,
    );
  }

  it("says why there is none: the resolver's error, or its own", async () => {
    const why = new UnknownHostError("no");
    assert.strictEqual(await reasonOf({ getHostByName: () => fail(why) }), why);
    const boom = new Error("boom");
    const failed = await reasonOf({ getHostByName: () => fail(boom) });
    assert(failed instanceof DNSLookupError && failed.cause === boom);
    const thrown = await reasonOf({
      getHostByName: () => {
        throw boom;
      },
    });
    assert(thrown instanceof DNSLookupError && thrown.cause === boom);
    const garbage = await reasonOf({ getHostByName: () => succeed("nonsense") });
    assert.equal(
      garbage.message,
      'Cannot resolve "example.com": the resolver gave "nonsense", which is no address',
    );
    const four = { getHostByName: () => succeed("192.0.2.1") };
    const other = await reasonOf(four, { addressTypes: ["IPv6"] });
    assert.include(other.message, "the resolver knows only an IPv4 address");
  });

  it("cancels what it has asked for", () => {
    let cancelled = 0;
    const simple = {
      getHostByName: () =>
        new Deferred<string>(() => {
          cancelled += 1;
        }),
    };
    const seen: IPAddress[] = [];
    const receiver: IResolutionReceiver = {
      resolutionBegan: () => undefined,
      addressResolved: (address) => seen.push(address),
      resolutionComplete: () => assert.fail("told of the end"),
    };
    const resolver = new SimpleResolverComplexifier(simple);
    resolver.resolveHostName(receiver, "a").cancel();
    assert.equal(cancelled, 1);
    resolver.resolveHostName({ ...receiver, resolutionBegan: (one) => one.cancel() }, "a");
    assert.deepEqual([cancelled, seen], [1, []]);
  });

  it("and back again is what it was", () => {
    const simple = { getHostByName: () => succeed("192.0.2.1") };
    const round = new ComplexResolverSimplifier(new SimpleResolverComplexifier(simple));
    assert.equal(successResultOf(round.getHostByName("a")), "192.0.2.1");
  });
});
