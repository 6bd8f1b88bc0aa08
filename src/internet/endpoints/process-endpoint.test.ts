import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { assertNoResult, failureResultOf, successResultOf } from "../../testing/results.ts";
import type { MemoryChild } from "../../reactors/memory/memory-process.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { ConnectingCancelledError, NoProtocol, UnsupportedError } from "../errors.ts";
import { Factory } from "../factory.ts";
import type { ConnectProcessOptions } from "../interfaces-process.ts";
import { SpawnError } from "../process-errors.ts";
import { Protocol } from "../protocol.ts";
import { EndpointDescriptionError } from "./description-error.ts";
import { clientFromString } from "./from-string.ts";
import { ProcessEndpoint } from "./process-endpoint.ts";

const factory = Factory.forProtocol(Protocol);
factory.noisy = false;

function childOf(reactor: MemoryReactor): MemoryChild {
  const child = reactor.processes.spawned.at(-1)?.child;
  assert(child !== undefined);
  return child;
}

describe("ProcessEndpoint", () => {
  it("connect() starts the program, and fires with the protocol", () => {
    const reactor = new MemoryReactor();
    const options: ConnectProcessOptions = { args: ["x", "-a"], env: { B: "1" }, path: "/tmp" };
    const connected = new ProcessEndpoint(reactor, "x", options).connect(factory);
    assertNoResult(connected);
    reactor.flush();
    const { transport } = successResultOf(connected);
    const spawned = reactor.processes.spawned[0];
    assert.deepInclude(spawned?.options, options);
    assert.match(transport.getPeer().toString(), /^x\[\d+\]$/u);
    transport.write("hello");
    reactor.flush();
    assert.equal(childOf(reactor).received().toString(), "hello");
  });

  it("fails with SpawnError, NoProtocol, TypeError, RangeError", () => {
    const reactor = new MemoryReactor();
    reactor.processes.missing.add("missing");
    const nobody = Factory.forProtocol(Protocol);
    nobody.buildProtocol = () => undefined;
    nobody.noisy = false;
    for (const [executable, options, chosen, expected] of [
      ["missing", {}, factory, SpawnError],
      ["x", {}, nobody, NoProtocol],
      ["\0", {}, factory, TypeError],
      ["x", { killTimeout: -1 }, factory, RangeError],
    ] as const) {
      const connected = new ProcessEndpoint(reactor, executable, options).connect(chosen);
      reactor.flush();
      assert.instanceOf(failureResultOf(connected).value, expected);
    }
    assert.isFalse(childOf(reactor).isAlive);
  });

  it("cancel() and an aborted signal end the program", () => {
    const reactor = new MemoryReactor();
    const endpoint = new ProcessEndpoint(reactor, "x");
    const controller = new AbortController();
    const attempts = [endpoint.connect(factory), endpoint.connect(factory, controller)];
    attempts[0]?.cancel();
    controller.abort();
    for (const attempt of attempts) {
      assert.instanceOf(failureResultOf(attempt).value, ConnectingCancelledError);
    }
    reactor.flush();
    const children = reactor.processes.spawned.map(({ child }) => child.signals);
    assert.deepEqual(children, [["SIGTERM"], ["SIGTERM"]]);
  });
});

describe("clientFromString() of process", () => {
  const cases: readonly [string, string, ConnectProcessOptions][] = [
    ["process:/bin/cat", "/bin/cat", { args: ["/bin/cat"] }],
    ["process:sort:-r::x", "sort", { args: ["sort", "-r", "", "x"] }],
    [String.raw`process:env:A\=b:c\:d`, "env", { args: ["env", "A=b", "c:d"] }],
    ["process:executable=x:-a", "x", { args: ["x", "-a"] }],
    ["process:x:path=/tmp", "x", { args: ["x"], path: "/tmp" }],
    ["process:x:env.A=1:env.B=", "x", { args: ["x"], env: { A: "1", B: "" } }],
    ["process:x:closeTimeout=0.5:killTimeout=2", "x", { closeTimeout: 0.5, killTimeout: 2 }],
  ];
  for (const [description, executable, options] of cases) {
    it(`reads ${description}`, () => {
      const reactor = new MemoryReactor();
      const endpoint = clientFromString(reactor, description);
      assert.instanceOf(endpoint, ProcessEndpoint);
      const connected = endpoint.connect(factory);
      reactor.flush();
      successResultOf(connected);
      const spawned = reactor.processes.spawned[0];
      assert.equal(spawned?.executable, executable);
      assert.deepInclude(spawned?.options, options);
    });
  }

  for (const [description, why] of [
    ["process:", "executable is missing"],
    ["process", "executable is missing"],
    ["process:x:stderr=loud", "expected stderr to be log, drop or merge"],
    ["process:x:cwd=/tmp", 'unknown keyword "cwd"'],
    ["process:x:A=b", 'unknown keyword "A"'],
    ["process:x:closeTimeout=soon", "expected closeTimeout to be a number of seconds"],
    ["process:x:a\0b", "expected text without NULs"],
    ["process:x:env.A=\0", "expected text without NULs"],
  ] as const) {
    it(`refuses ${JSON.stringify(description)}`, () => {
      const read = (): unknown => clientFromString(new MemoryReactor(), description);
      assert.throws(read, EndpointDescriptionError, why);
    });
  }

  it("prints what it reads", () => {
    const reactor = new MemoryReactor();
    for (const text of [
      "process:/bin/cat",
      String.raw`process:env:A\=b:c\:d:`,
      "process:x:y:path=/tmp:stderr=merge",
    ]) {
      const endpoint = clientFromString(reactor, text);
      assert.equal(endpoint.toString(), text);
      assert.equal(inspect(endpoint), `ProcessEndpoint(${text})`);
    }
    assert.equal(String(new ProcessEndpoint(reactor, "x")), "process:x");
  });

  it("needs a reactor with processes", () => {
    const reactor = new MemoryReactor();
    Object.defineProperty(reactor, "provides", { value: () => false });
    assert.throws(
      () => clientFromString(reactor, "process:x"),
      UnsupportedError,
      "IReactorProcess",
    );
  });
});
