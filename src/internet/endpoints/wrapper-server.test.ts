import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { CancelledError } from "../../defer/errors.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { failureResultOf, successResultOf } from "../../testing/results.ts";
import { Factory } from "../factory.ts";
import type { IProtocolFactory } from "../interfaces-factory.ts";
import { TCP4ServerEndpoint } from "./tcp-server.ts";
import { WrapperServerEndpoint, type WrapperServerEndpointParts } from "./wrapper-server.ts";

const PLAIN: IProtocolFactory = Factory.building(() => undefined);
const WRAPPED: IProtocolFactory = Factory.building(() => undefined);

class Endpoint extends WrapperServerEndpoint {
  readonly reactor: MemoryReactor;

  constructor(more: Partial<WrapperServerEndpointParts> = {}) {
    const reactor = new MemoryReactor();
    const wrapped = new TCP4ServerEndpoint(reactor, 80);
    const wrap = (factory: IProtocolFactory): IProtocolFactory =>
      factory === PLAIN ? WRAPPED : factory;
    super({ wrapped, wrap, prefix: "outer", ...more });
    this.reactor = reactor;
  }
}

describe("WrapperServerEndpoint", () => {
  it("lets the inner endpoint listen with the wrapped factory", () => {
    const endpoint = new Endpoint();
    const listening = endpoint.listen(PLAIN);
    endpoint.reactor.flush();
    const [asked] = endpoint.reactor.tcpServers;
    assert.strictEqual(asked?.factory, WRAPPED);
    assert.strictEqual(successResultOf(listening), asked?.listeningPort);
  });

  it("hands on the signal", () => {
    const endpoint = new Endpoint();
    const signal = AbortSignal.abort(new Error("not today"));
    failureResultOf(endpoint.listen(PLAIN, { signal }), CancelledError);
    assert.isEmpty(endpoint.reactor.tcpServers);
  });

  it("prints itself as its description", () => {
    const plain = new Endpoint();
    assert.equal(String(plain), "outer:tcp:80");
    assert.equal(inspect(plain), "Endpoint(outer:tcp:80)");
    const keywords = [["a", "b:c"]] as const;
    const nested = new Endpoint({ wrapped: plain, prefix: "x:y", keywords });
    assert.equal(String(nested), String.raw`x:y:outer:tcp:80:a=b\:c`);
  });
});
