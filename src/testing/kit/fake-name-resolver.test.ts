import * as vitest from "vitest";
import type { Deferred } from "../../defer/deferred.ts";
import { ClientFactory, Factory } from "../../internet/factory.ts";
import { DNSLookupError, UnknownHostError } from "../../internet/errors.ts";
import type { IPAddress, ResolveHostNameOptions } from "../../internet/interfaces-resolver.ts";
import { resolveAll } from "../../internet/names/resolve-all.ts";
import { Protocol } from "../../internet/protocol.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../results.ts";
import { FakeNameResolver } from "./fake-name-resolver.ts";
import { useCleanReactors } from "./use-clean-reactors.ts";

const { assert, describe, it } = vitest;
useCleanReactors(vitest);

class Scene {
  readonly reactor = new MemoryReactor();
  readonly names = new FakeNameResolver(this.reactor);

  ask(name: string, options?: ResolveHostNameOptions): Deferred<IPAddress[]> {
    const asked = resolveAll(this.names, name, options);
    assertNoResult(asked);
    this.reactor.flush();
    return asked;
  }
  hosts(name: string, options?: ResolveHostNameOptions): readonly string[] {
    return successResultOf(this.ask(name, options)).map(({ host }) => host);
  }
}

describe("FakeNameResolver", () => {
  it("answers in a later pass, with the kinds, port and type that are asked for", () => {
    const { names, reactor } = new Scene();
    names.script("Db.example", ["2001:db8::5", "192.0.2.5"]);
    const asked = resolveAll(names, "db.example.", { addressTypes: ["IPv4"], portNumber: 53 });
    assertNoResult(asked);
    reactor.flush();
    assert.deepEqual(
      successResultOf(asked).map((one) => one.toString()),
      ["192.0.2.5:53"],
    );
    assert.deepEqual(names.questions, [
      { name: "db.example.", addressTypes: ["IPv4"], seconds: 0 },
    ]);
  });

  it("gives each question the next answer; the last one stays", () => {
    const scene = new Scene();
    scene.names.script("db", ["192.0.2.1"], "SERVFAIL", ["192.0.2.2"]);
    assert.deepEqual(scene.hosts("db"), ["192.0.2.1"]);
    failureResultOf(scene.ask("db"), DNSLookupError);
    assert.deepEqual(scene.hosts("db"), ["192.0.2.2"]);
    assert.deepEqual(scene.hosts("db"), ["192.0.2.2"]);
  });

  it("rotates: all addresses each time, each the first in turn", () => {
    const scene = new Scene();
    scene.names.rotate("web", "192.0.2.1", "192.0.2.2", "192.0.2.3");
    const firsts = ["", "", "", ""].map(() => scene.hosts("web"));
    assert.deepEqual(
      firsts.map(([first]) => first),
      ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1"],
    );
    assert.deepEqual(firsts[1], ["192.0.2.2", "192.0.2.3", "192.0.2.1"]);
  });

  it("fails by class: NXDOMAIN, SERVFAIL, no address of the kind, a name in no script", () => {
    const scene = new Scene();
    scene.names.script("gone", "NXDOMAIN");
    scene.names.script("sick", "SERVFAIL");
    scene.names.script("six", ["2001:db8::1"]);
    scene.names.script("empty", []);
    failureResultOf(scene.ask("gone"), UnknownHostError);
    failureResultOf(scene.ask("sick"), DNSLookupError);
    failureResultOf(scene.ask("six", { addressTypes: ["IPv4"] }), UnknownHostError);
    failureResultOf(scene.ask("empty"), UnknownHostError);
    failureResultOf(scene.ask("strange"), UnknownHostError);
  });

  it("takes its time by the reactor; a timeout is 60 seconds unless it says another", () => {
    const scene = new Scene();
    scene.names.script("slow", { addresses: ["192.0.2.1"], delay: 3 });
    scene.names.script("lost", "timeout", { failure: "timeout", delay: 5 });
    const slow = scene.ask("slow");
    const lost = [scene.ask("lost"), scene.ask("lost")] as const;
    scene.reactor.advance(2.9);
    assertNoResult(slow);
    scene.reactor.advance(0.1);
    assert.equal(successResultOf(slow).length, 1);
    assertNoResult(lost[1]);
    scene.reactor.advance(2);
    assert.include(failureResultOf(lost[1], DNSLookupError).value.message, "within 5 seconds");
    scene.reactor.advance(54);
    assertNoResult(lost[0]);
    scene.reactor.advance(1);
    failureResultOf(lost[0], DNSLookupError);
  });

  it("may find some addresses and fail all the same", () => {
    const scene = new Scene();
    scene.names.script("half", { addresses: ["192.0.2.1"], failure: "SERVFAIL" });
    const told: string[] = [];
    scene.names.resolveHostName(
      {
        resolutionBegan: () => told.push("began"),
        addressResolved: ({ host }) => told.push(host),
        resolutionComplete: (reason) => told.push(reason?.value.constructor.name ?? "fine"),
      },
      "half",
    );
    scene.reactor.flush();
    assert.deepEqual(told, ["began", "192.0.2.1", "DNSLookupError"]);
  });

  it("lets go when it is cancelled, from inside too", () => {
    const scene = new Scene();
    scene.names.script("slow", { addresses: ["192.0.2.1"], delay: 3 });
    const told: string[] = [];
    const receiver = {
      resolutionBegan: () => told.push("began"),
      addressResolved: () => told.push("address"),
      resolutionComplete: () => told.push("complete"),
    };
    scene.names.resolveHostName(receiver, "slow").cancel();
    scene.names.resolveHostName({ ...receiver, resolutionBegan: (one) => one.cancel() }, "slow");
    assert.deepEqual(scene.reactor.getDelayedCalls(), []);
    scene.reactor.advance(10);
    assert.deepEqual(told, ["began"]);
  });

  it("takes addresses as they are", () => {
    assert.deepEqual(new Scene().hosts("fe80::1%eth0"), ["fe80::1"]);
  });

  it("serves connectTCP when it is installed", () => {
    const { reactor, names } = new Scene();
    reactor.installNameResolver(names);
    names.script("server", { addresses: ["192.0.2.1"], delay: 1 });
    reactor.listenTCP(80, Factory.forProtocol(Protocol));
    const connector = reactor.connectTCP("server", 80, ClientFactory.forProtocol(Protocol));
    reactor.flush();
    assert.equal(connector.state, "connecting");
    reactor.advance(1);
    assert.equal(connector.state, "connected");
  });

  it("refuses addresses that are none, and times that are none", () => {
    const { names } = new Scene();
    assert.throws(() => names.script("a", ["localhost"]), TypeError);
    assert.throws(() => names.rotate("a", "localhost"), TypeError);
    assert.throws(() => names.script("a", { delay: -1 }), RangeError);
  });
});
