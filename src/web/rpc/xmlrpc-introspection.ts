/**
 * Procedures about procedures: `system.listMethods`, `system.methodHelp`, `system.methodSignature`;
 * and `system.multicall`, many calls in one.
 *
 * Spec: the conventions of Eric Kidd, which clients know. After: twisted.web.xmlrpc's
 * XMLRPCIntrospection, and `addIntrospection`. Differs: multicall.
 *
 * @module
 */
import type { Request } from "../server/request.ts";
import type { Procedure } from "./rpc-resource.ts";
import { runProcedure, XMLRPC, XMLRPC_FAILURE, XMLRPC_NOT_FOUND } from "./xmlrpc.ts";
import { faultStruct } from "./xmlrpc-encoder.ts";
import { Fault } from "./xmlrpc-values.ts";

/** Options of {@link addIntrospection}. */
export interface IntrospectionOptions {
  /** Calls in one `system.multicall`, at most. Default: 100. */
  readonly multicallMax?: number;
}

class XMLRPCIntrospection extends XMLRPC {
  override readonly procedures = {
    listMethods: { help: "The names of all procedures.", signature: [["array"]] },
    methodHelp: { help: "What a procedure does.", signature: [["string", "string"]] },
    methodSignature: {
      help: "What a procedure returns and takes: a list of forms, or 'undef'.",
      signature: [["array", "string"]],
    },
    multicall: {
      help: "Calls one after the other: structs of methodName and params.",
      signature: [["array", "array"]],
      withRequest: true,
    },
  };
  readonly #root: XMLRPC;
  readonly #multicallMax: number;

  constructor(root: XMLRPC, multicallMax: number) {
    super();
    this.#root = root;
    this.#multicallMax = multicallMax;
  }

  xmlrpc_listMethods(): string[] {
    return this.#root.listProcedures();
  }

  xmlrpc_methodHelp(name: unknown): string {
    return this.#find(name).description.help ?? "";
  }

  xmlrpc_methodSignature(name: unknown): readonly (readonly string[])[] | string {
    return this.#find(name).description.signature ?? "undef";
  }

  async xmlrpc_multicall(request: Request, calls: unknown): Promise<unknown[]> {
    const max = this.#multicallMax;
    if (!Array.isArray(calls) || calls.length > max) {
      throw new Fault(XMLRPC_FAILURE, `expected at most ${String(max)} calls`);
    }
    const results: unknown[] = [];
    for (const call of calls) results.push(await this.#callOne(request, call));
    return results;
  }

  async #callOne(request: Request, call: unknown): Promise<unknown> {
    try {
      const { methodName, params } = checkedCall(call);
      return [await runProcedure(this.#root, request, methodName, params)];
    } catch (error) {
      if (error instanceof Fault) return faultStruct(error);
      throw error;
    }
  }

  #find(name: unknown): Procedure {
    const procedure = this.#root.lookupProcedure(String(name));
    if (procedure !== undefined) return procedure;
    throw new Fault(XMLRPC_NOT_FOUND, `procedure ${String(name)} not found`);
  }
}

function checkedCall(call: unknown): { methodName: string; params: readonly unknown[] } {
  const isStruct = typeof call === "object" && call !== null;
  const methodName: unknown = isStruct ? Reflect.get(call, "methodName") : undefined;
  const params: unknown = isStruct ? Reflect.get(call, "params") : undefined;
  if (typeof methodName !== "string" || !Array.isArray(params)) {
    throw new Fault(XMLRPC_FAILURE, "expected methodName and params");
  }
  // Calls in calls in calls would be no bound at all.
  if (methodName === "system.multicall") throw new Fault(XMLRPC_FAILURE, "no multicall in another");
  return { methodName, params };
}

/** Give `xmlrpc` the procedures of `system`. Then everybody can see what there is. */
export function addIntrospection(xmlrpc: XMLRPC, options: IntrospectionOptions = {}): void {
  const { multicallMax = 100 } = options;
  xmlrpc.putSubHandler("system", new XMLRPCIntrospection(xmlrpc, multicallMax));
}
