import { assert, expectTypeOf, it } from "vitest";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { type Capability, capability } from "./capabilities.ts";
import { IReactorCore, IReactorSignals, IReactorTCP, IReactorTime } from "./interfaces-reactor.ts";
import { checkedPort } from "./ports.ts";

interface IReactorTea {
  brew(): string;
}
const IReactorTea: Capability<IReactorTea> = capability("IReactorTea");

it("a capability has a label, cannot be changed, and is itself alone", () => {
  assert.equal(IReactorTea.label, "IReactorTea");
  assert.isFrozen(IReactorTea);
  assert.notEqual(IReactorTea, capability<IReactorTea>("IReactorTea"));
});

it("provides() tells what a reactor can do, and narrows its type", () => {
  const reactor = new MemoryReactor();
  assert.isTrue(reactor.provides(IReactorCore));
  assert.isTrue(reactor.provides(IReactorTime));
  assert.isTrue(reactor.provides(IReactorTCP));
  assert.isFalse(reactor.provides(IReactorSignals));
  assert.isFalse(reactor.provides(capability("IReactorTCP")));
  if (reactor.provides(IReactorTea)) expectTypeOf(reactor.brew()).toEqualTypeOf<string>();
});

it("checkedPort() takes whole numbers from 0 to 65535 and refuses the rest", () => {
  for (const port of [0, 1, 80, 65_535]) assert.equal(checkedPort(port), port);
  for (const port of [-1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e10]) {
    assert.throws(() => checkedPort(port), RangeError, "Cannot use port");
  }
});

it("listenTCP() and connectTCP() refuse a port that is none, at once", () => {
  const reactor = new MemoryReactor();
  const factory = {
    doStart: () => assert.fail(),
    doStop: () => {},
    buildProtocol: () => undefined,
  };
  assert.throws(() => reactor.listenTCP(65_536, factory), RangeError, "Cannot use port 65536");
  assert.deepEqual(reactor.tcpServers, []);
});
