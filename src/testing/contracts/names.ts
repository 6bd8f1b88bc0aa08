/**
 * Contracts of `IReactorPluggableNameResolver`, and of the resolver that a reactor has from the
 * start. `localhost` resolves to 127.0.0.1 at least, `no-such-host.invalid` (RFC 6761 §6.4) to
 * nothing.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { IPv4Address, IPv6Address } from "../../internet/addresses.ts";
import { DNSLookupError, UnknownHostError } from "../../internet/errors.ts";
import type {
  IHostnameResolver,
  IHostResolution,
  IPAddress,
  IResolutionReceiver,
  ResolveHostNameOptions,
} from "../../internet/interfaces-resolver.ts";
import { IReactorPluggableNameResolver } from "../../internet/interfaces-resolver.ts";
import { HostResolution } from "../../internet/names/host-resolution.ts";
import { resolveAll } from "../../internet/names/resolve-all.ts";
import { StaticResolver } from "../../internet/names/static-resolver.ts";
import { expectEqual } from "./expect.ts";
import type { Contracts, Trial } from "./trial.ts";

const UNKNOWN = "no-such-host.invalid";

/** Told by a resolver; writes it down. */
class Diary implements IResolutionReceiver {
  /** `began`, `address` and `complete`, in order. */
  readonly told: string[] = [];
  readonly addresses: IPAddress[] = [];
  resolution: IHostResolution | undefined;
  reason: Failure | undefined;

  get over(): boolean {
    return this.told.at(-1) === "complete";
  }

  resolutionBegan(resolution: IHostResolution): void {
    this.told.push("began");
    this.resolution = resolution;
  }

  addressResolved(address: IPAddress): void {
    this.told.push("address");
    this.addresses.push(address);
  }

  resolutionComplete(reason?: Failure): void {
    this.told.push("complete");
    this.reason = reason;
  }
}

function resolverOf(trial: Trial): IHostnameResolver {
  return trial.needs(IReactorPluggableNameResolver).nameResolver;
}

/** Ask, and wait for the end. */
async function asked(trial: Trial, name: string, options?: ResolveHostNameOptions): Promise<Diary> {
  const diary = new Diary();
  resolverOf(trial).resolveHostName(diary, name, options);
  await trial.settle(() => diary.over);
  return diary;
}

/** No address, and a typed reason. */
function expectNone({ addresses, reason }: Diary): void {
  expectEqual(addresses.length, 0, "addresses");
  const found = reason?.check(UnknownHostError, DNSLookupError);
  assert(found !== undefined, `Expected a ResolutionError, found ${String(reason)}`);
}

/** By name. */
export const nameContracts: Contracts = {
  "resolutionBegan() comes once, at once, with what resolveHostName() returns": async (trial) => {
    const diary = new Diary();
    const resolution = resolverOf(trial).resolveHostName(diary, "localhost");
    expectEqual(diary.told, ["began"]);
    expectEqual(diary.resolution, resolution);
    expectEqual(resolution.name, "localhost");
    await trial.settle(() => diary.over);
    expectEqual(diary.told.filter((one) => one === "began").length, 1);
  },

  "nothing else comes before resolveHostName() returns, whatever is asked": async (trial) => {
    for (const name of ["localhost", "192.0.2.1", "::1", "", "a\0b", "x".repeat(300)]) {
      const diary = new Diary();
      resolverOf(trial).resolveHostName(diary, name);
      expectEqual(diary.told, ["began"]);
      await trial.settle(() => diary.over);
    }
  },

  "resolutionComplete() comes last, once": async (trial) => {
    const diary = await asked(trial, "localhost");
    await trial.passes();
    expectEqual(diary.told.indexOf("complete"), diary.told.length - 1);
    expectEqual(diary.reason, undefined);
  },

  "localhost is on loopback, with the port and type that were asked for": async (trial) => {
    const { addresses } = await asked(trial, "localhost", { portNumber: 4711 });
    assert(addresses.length > 0, "Expected an address");
    for (const { host, port, type } of addresses) {
      assert(host === "::1" || host.startsWith("127."), `Expected loopback, found ${host}`);
      expectEqual([port, type], [4711, "TCP"]);
    }
    const datagrams = await asked(trial, "localhost", { transportSemantics: "UDP" });
    expectEqual([datagrams.addresses[0]?.port, datagrams.addresses[0]?.type], [0, "UDP"]);
  },

  "addressTypes are the kinds that are told": async (trial) => {
    const { addresses } = await asked(trial, "localhost", { addressTypes: ["IPv4"] });
    assert(addresses.length > 0, "Expected an address");
    for (const { kind } of addresses) expectEqual(kind, "IPv4");
    const six = await asked(trial, "localhost", { addressTypes: ["IPv6"] });
    for (const { kind } of six.addresses) expectEqual(kind, "IPv6");
  },

  "an IPv4 address resolves to itself": async (trial) => {
    const { told, addresses } = await asked(trial, "192.0.2.1", { portNumber: 80 });
    expectEqual(told, ["began", "address", "complete"]);
    const expected = new IPv4Address("TCP", "192.0.2.1", 80);
    assert(addresses[0]?.equals(expected) === true, `Found ${String(addresses[0])}`);
  },

  "an IPv6 address resolves to itself, with its zone": async (trial) => {
    const { told, addresses } = await asked(trial, "fe80::1%lo", { portNumber: 80 });
    expectEqual(told, ["began", "address", "complete"]);
    const expected = new IPv6Address("TCP", "fe80::1", 80, 0, "lo");
    assert(addresses[0]?.equals(expected) === true, `Found ${String(addresses[0])}`);
  },

  "an address of another kind than asked for resolves to nothing": async (trial) => {
    expectNone(await asked(trial, "192.0.2.1", { addressTypes: ["IPv6"] }));
    expectNone(await asked(trial, "::1", { addressTypes: ["IPv4"] }));
  },

  "a name that is not there has no address, and a typed reason that names it": async (trial) => {
    const diary = await asked(trial, UNKNOWN);
    expectNone(diary);
    const message = diary.reason?.getErrorMessage() ?? "";
    assert(message.includes(UNKNOWN), `Expected the name in: ${message}`);
  },

  "an empty name has no address": async (trial) => {
    expectNone(await asked(trial, ""));
  },

  "a name with a NUL has no address, not that of what stands before it": async (trial) => {
    expectNone(await asked(trial, "localhost\0.example.com"));
  },

  "a name that is too long has no address": async (trial) => {
    expectNone(await asked(trial, `${"x".repeat(300)}.example.com`));
  },

  "two resolutions at once do not disturb each other": async (trial) => {
    const good = new Diary();
    const bad = new Diary();
    const gone = new Diary();
    const resolver = resolverOf(trial);
    resolver.resolveHostName(gone, "localhost").cancel();
    resolver.resolveHostName(bad, UNKNOWN);
    resolver.resolveHostName(good, "localhost");
    await trial.settle(() => good.over && bad.over);
    assert(good.addresses.length > 0, "Expected an address");
    expectNone(bad);
    expectEqual(gone.told, ["began"]);
  },

  "cancel() at once: nothing more is told": async (trial) => {
    const diaries = ["localhost", "192.0.2.1", UNKNOWN, ""].map((name) => {
      const diary = new Diary();
      resolverOf(trial).resolveHostName(diary, name).cancel();
      return diary;
    });
    await asked(trial, "localhost");
    await trial.passes();
    for (const { told } of diaries) expectEqual(told, ["began"]);
    expectEqual(trial.reactor.getDelayedCalls().length, 0, "delayed calls");
  },

  "cancel() from inside resolutionBegan(): nothing more is told": async (trial) => {
    const diary = new Diary();
    diary.resolutionBegan = (resolution) => resolution.cancel();
    resolverOf(trial).resolveHostName(diary, "localhost");
    await asked(trial, "localhost");
    await trial.passes();
    expectEqual(diary.told, []);
  },

  "cancel() from inside addressResolved(): nothing more is told": async (trial) => {
    const diary = new Diary();
    const told: string[] = [];
    diary.addressResolved = () => {
      told.push("address");
      diary.resolution?.cancel();
    };
    diary.resolutionComplete = () => told.push("complete");
    resolverOf(trial).resolveHostName(diary, "localhost");
    await trial.settle(() => told.length > 0);
    await trial.passes();
    expectEqual(told, ["address"]);
  },

  "cancel() does nothing when it is over, or done already": async (trial) => {
    const diary = await asked(trial, "localhost");
    const { length } = diary.told;
    diary.resolution?.cancel();
    diary.resolution?.cancel();
    await trial.passes();
    expectEqual(diary.told.length, length);
  },

  "a receiver that throws is logged, and told the rest": async (trial) => {
    const boom = new Error("boom");
    const diary = new Diary();
    diary.addressResolved = () => {
      throw boom;
    };
    resolverOf(trial).resolveHostName(diary, "192.0.2.1");
    await trial.settle(() => diary.over);
    trial.expectLogged(boom);
  },

  "a resolution under way when the reactor stops ends all the same": async (trial) => {
    const { reactor } = trial;
    const resolver = resolverOf(trial);
    const over = reactor.run({ installSignalHandlers: false });
    const diaries = ["localhost", UNKNOWN, "192.0.2.1"].map((name) => {
      const diary = new Diary();
      resolver.resolveHostName(diary, name);
      return diary;
    });
    reactor.stop();
    await trial.fired(over);
    await trial.settle(() => diaries.every((diary) => diary.over));
  },

  "a name that is resolved leaves no delayed call": async (trial) => {
    await asked(trial, "localhost");
    await asked(trial, UNKNOWN);
    expectEqual(trial.reactor.getDelayedCalls().length, 0, "delayed calls");
  },

  "resolveAll() gives a list, or fails with the reason": async (trial) => {
    const resolver = resolverOf(trial);
    const addresses = await trial.fired(resolveAll(resolver, "localhost", { portNumber: 9 }));
    assert(addresses.length > 0 && addresses[0]?.port === 9, "Expected addresses with the port");
    const failure = await trial.outcome(resolveAll(resolver, UNKNOWN));
    assert(failure instanceof Failure, "Expected a failure");
    failure.trap(UnknownHostError, DNSLookupError);
  },

  "installNameResolver() returns the one before, and nameResolver is the new one": (trial) => {
    const reactor = trial.needs(IReactorPluggableNameResolver);
    const before = reactor.nameResolver;
    const mine = new StaticResolver(reactor);
    expectEqual(reactor.installNameResolver(mine), before);
    expectEqual(reactor.nameResolver, mine);
    expectEqual(reactor.installNameResolver(before), mine);
    expectEqual(reactor.nameResolver, before);
  },

  "resolve() gives an IPv4 address in text": async (trial) => {
    const reactor = trial.needs(IReactorPluggableNameResolver);
    const address = await trial.fired(reactor.resolve("localhost"));
    assert(address.startsWith("127."), `Expected loopback, found ${address}`);
    expectEqual(trial.reactor.getDelayedCalls().length, 0, "delayed calls");
  },

  "resolve() of an address is that address, of nothing 0.0.0.0, both at once": async (trial) => {
    const reactor = trial.needs(IReactorPluggableNameResolver);
    for (const [name, address] of [
      ["", "0.0.0.0"],
      ["192.0.2.1", "192.0.2.1"],
      ["::1", "::1"],
    ] as const) {
      const resolved = reactor.resolve(name);
      assert(resolved.called, `Expected ${name} at once`);
      expectEqual(await trial.fired(resolved), address);
    }
  },

  "resolve() fails with a typed error": async (trial) => {
    const reactor = trial.needs(IReactorPluggableNameResolver);
    const failure = await trial.outcome(reactor.resolve(UNKNOWN));
    assert(failure instanceof Failure, "Expected a failure");
    failure.trap(UnknownHostError, DNSLookupError);
  },

  "resolve() asks what is installed, and can be cancelled": async (trial) => {
    const reactor = trial.needs(IReactorPluggableNameResolver);
    let cancelled = 0;
    const names: string[] = [];
    reactor.installNameResolver({
      resolveHostName(receiver, name) {
        names.push(name);
        const resolution = new HostResolution(name, receiver, () => {
          cancelled += 1;
        });
        resolution.begin();
        return resolution;
      },
    });
    const resolved = reactor.resolve("example.com");
    resolved.cancel();
    const failure = await trial.outcome(resolved);
    assert(failure instanceof Failure, "Expected a failure");
    failure.trap(CancelledError);
    expectEqual(names, ["example.com"]);
    expectEqual(cancelled, 1, "cancelled");
    expectEqual(trial.reactor.getDelayedCalls().length, 0, "delayed calls");
  },

  "resolve() gives up after the sum of its timeouts": async (trial) => {
    const reactor = trial.needs(IReactorPluggableNameResolver);
    reactor.installNameResolver(silent());
    const began = trial.reactor.seconds();
    const failure = await trial.outcome(reactor.resolve("example.com", [0.02, 0.03]));
    assert(failure instanceof Failure, "Expected a failure");
    failure.trap(DNSLookupError);
    assert(trial.isPast(began, 0.05), "Expected it not to fail early");
  },
};

/** Begins, and never says more. */
function silent(): IHostnameResolver {
  return {
    resolveHostName(receiver, name) {
      const resolution = new HostResolution(name, receiver);
      resolution.begin();
      return resolution;
    },
  };
}
