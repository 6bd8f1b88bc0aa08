/**
 * Remote calls by clients that others wrote: Python's for XML-RPC, curl for JSON-RPC.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "vitest";
import { JSONRPC } from "../../../src/web/rpc/json-rpc.ts";
import { XMLRPC } from "../../../src/web/rpc/xmlrpc.ts";
import { addIntrospection } from "../../../src/web/rpc/xmlrpc-introspection.ts";
import { Fault } from "../../../src/web/rpc/xmlrpc-values.ts";
import { start } from "../fixtures/lines/running.ts";
import { serve } from "../fixtures/web/real-site.ts";
import { peer, pythonPeer } from "../peers.ts";

const python = pythonPeer("xmlrpc.client", "python3");
const curl = peer("curl", "curl");
const CALLS = fileURLToPath(new URL("../fixtures/web/xmlrpc_calls.py", import.meta.url));

class Calls extends XMLRPC {
  override readonly procedures = { add: { help: "a + b", signature: [["int", "int", "int"]] } };

  xmlrpc_add(a: number, b: number): number {
    return a + b;
  }

  xmlrpc_same(value: unknown): unknown {
    return value;
  }

  xmlrpc_long(): number {
    return Number.MAX_SAFE_INTEGER;
  }

  xmlrpc_longer(): bigint {
    return 2n ** 62n;
  }

  xmlrpc_refuse(): never {
    throw new Fault(4, "not <today>");
  }
}

describe("XMLRPC", () => {
  it("is called by Python's xmlrpc.client, with every type, on one connection", async (context) => {
    const program = python.path(context);
    const root = new Calls({ allowNil: true });
    addIntrospection(root);
    const { url } = await serve(context, root);
    const client = start(context, program, [CALLS, url]);
    const { code } = await client.exit();
    assert.equal(code, 0, client.stderr);
    const got: unknown = JSON.parse(client.stdout);
    assert.deepEqual(got, {
      same: true,
      long: true,
      add: 3,
      refuse: [4, "not <today>"],
      nobody: 8001,
      large: 500_000,
      methods: [
        "add",
        "long",
        "longer",
        "refuse",
        "same",
        "system.listMethods",
        "system.methodHelp",
        "system.methodSignature",
        "system.multicall",
      ],
      help: "a + b",
      signature: [["int", "int", "int"]],
      many: [3, 7],
    });
  });
});

class Sums extends JSONRPC {
  jsonrpc_sum(...numbers: number[]): number {
    return numbers.reduce((sum, one) => sum + one, 0);
  }
}

describe("JSONRPC", () => {
  it("is called by curl", async (context) => {
    const program = curl.path(context);
    const { url } = await serve(context, new Sums());
    const sent = '[{"jsonrpc":"2.0","method":"sum","params":[1,2],"id":"ä"}]';
    const client = start(context, program, ["--silent", "--fail", "--json", sent, url]);
    const { code } = await client.exit();
    assert.equal(code, 0, client.stderr);
    assert.deepEqual(JSON.parse(client.stdout), [{ jsonrpc: "2.0", result: 3, id: "ä" }]);
  });
});
