import { assert, describe, it } from "vitest";
import type { Deferred } from "../../defer/deferred.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../../testing/results.ts";
import { UnknownHostError } from "../errors.ts";
import type { IPAddress, ResolveHostNameOptions } from "../interfaces-resolver.ts";
import { resolveAll } from "./resolve-all.ts";
import { StaticResolver } from "./static-resolver.ts";

const reactor = new MemoryReactor();

function hostsOf(resolved: Deferred<IPAddress[]>): readonly string[] {
  reactor.flush();
  return successResultOf(resolved).map(({ host }) => host);
}

function hosts(
  resolver: StaticResolver,
  name: string,
  options?: ResolveHostNameOptions,
): readonly string[] {
  return hostsOf(resolveAll(resolver, name, options));
}

function refusal(resolver: StaticResolver, name: string, options?: ResolveHostNameOptions): string {
  const resolved = resolveAll(resolver, name, options);
  reactor.flush();
  return failureResultOf(resolved, UnknownHostError).value.message;
}

describe("StaticResolver", () => {
  const table = { "Db.Example": ["2001:db8::5", "192.0.2.5"], one: "192.0.2.1", none: [] };
  const resolver = new StaticResolver(reactor, table);

  it("gives what is in its table, in order, whatever the case and the dot at the end", () => {
    assert.deepEqual(hosts(resolver, "db.example"), ["2001:db8::5", "192.0.2.5"]);
    assert.deepEqual(hosts(resolver, "DB.EXAMPLE."), ["2001:db8::5", "192.0.2.5"]);
    assert.deepEqual(hosts(resolver, "one"), ["192.0.2.1"]);
  });

  it("gives the kinds that are asked for, with port and type", () => {
    assert.deepEqual(hosts(resolver, "db.example", { addressTypes: ["IPv4"] }), ["192.0.2.5"]);
    const options = { portNumber: 53, transportSemantics: "UDP" } as const;
    const resolved = resolveAll(resolver, "one", options);
    reactor.flush();
    const [address] = successResultOf(resolved);
    assert.deepInclude(address, { port: 53, type: "UDP" });
  });

  it("answers in a later pass", () => {
    const resolved = resolveAll(resolver, "one");
    assertNoResult(resolved);
    reactor.flush();
    successResultOf(resolved);
  });

  it("takes addresses as they are, also those in no table", () => {
    assert.deepEqual(hosts(resolver, "fe80::1%eth0"), ["fe80::1"]);
    assert.deepEqual(hosts(resolver, "192.0.2.99"), ["192.0.2.99"]);
  });

  it("says why there is none", () => {
    assert.include(refusal(resolver, "two"), 'Cannot resolve "two": it is not in the table');
    assert.include(refusal(resolver, "none"), "no address of that kind");
    assert.include(refusal(resolver, "one", { addressTypes: ["IPv6"] }), "no address of that kind");
    assert.include(refusal(resolver, ""), "the name is empty");
    assert.include(refusal(resolver, "a\0"), "a NUL is no part of a name");
    assert.include(refusal(resolver, "__proto__"), "it is not in the table");
  });

  it("can be changed, and refuses what is no address", () => {
    const changing = new StaticResolver(reactor);
    assert.isFalse(changing.has("a"));
    changing.set("A", "::1");
    assert.isTrue(changing.has("a."));
    assert.deepEqual(hosts(changing, "a"), ["::1"]);
    assert.isTrue(changing.delete("a"));
    assert.isFalse(changing.delete("a"));
    assert.throws(() => changing.set("a", "::1", "example.com"), TypeError, "example.com");
    assert.isFalse(changing.has("a"));
    assert.throws(() => new StaticResolver(reactor, { a: "[::1]" }), TypeError);
  });

  it("asks another one for names that it does not know", () => {
    const overriding = new StaticResolver(reactor, { one: "192.0.2.111" }, { otherwise: resolver });
    assert.deepEqual(hosts(overriding, "one"), ["192.0.2.111"]);
    assert.deepEqual(hosts(overriding, "db.example"), ["2001:db8::5", "192.0.2.5"]);
    assert.include(refusal(overriding, "two"), "it is not in the table");
    assert.deepEqual(hosts(overriding, "192.0.2.99"), ["192.0.2.99"]);
  });

  it("tells nothing to who has let go", () => {
    const seen: string[] = [];
    const resolution = resolver.resolveHostName(
      {
        resolutionBegan: () => seen.push("began"),
        addressResolved: () => seen.push("address"),
        resolutionComplete: () => seen.push("complete"),
      },
      "one",
    );
    resolution.cancel();
    reactor.flush();
    assert.deepEqual(seen, ["began"]);
  });
});
