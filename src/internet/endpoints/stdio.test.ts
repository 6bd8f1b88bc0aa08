import { assert, describe, it } from "vitest";
import { CancelledError } from "../../defer/errors.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { NodeReactor } from "../../reactors/node/node-reactor.ts";
import { failureResultOf } from "../../testing/results.ts";
import { UnsupportedError } from "../errors.ts";
import { Factory } from "../factory.ts";
import { EndpointDescriptionError } from "./description-error.ts";
import { serverFromString } from "./from-string.ts";
import { StandardIOEndpoint } from "./stdio.ts";

const reactor = new NodeReactor();

describe("stdio:", () => {
  it("makes an endpoint that prints itself", () => {
    for (const text of ["stdio:", "stdio"]) {
      const endpoint = serverFromString(reactor, text);
      assert.instanceOf(endpoint, StandardIOEndpoint);
      assert.equal(endpoint.toString(), "stdio:");
    }
  });

  it("takes no fields", () => {
    for (const text of ["stdio:0", "stdio::", "stdio:fd=0"]) {
      assert.throws(
        () => serverFromString(reactor, text),
        EndpointDescriptionError,
        "write stdio:",
      );
    }
  });

  it("refuses a reactor that has no standard I/O", () => {
    const read = (): unknown => serverFromString(new MemoryReactor(), "stdio:");
    assert.throws(read, UnsupportedError, "IReactorStdio");
  });

  it("aborted beforehand, nothing is opened", () => {
    const factory = Factory.building(() => assert.fail("a protocol was asked for"));
    const listening = new StandardIOEndpoint(reactor).listen(factory, {
      signal: AbortSignal.abort(),
    });
    failureResultOf(listening, CancelledError);
  });
});
