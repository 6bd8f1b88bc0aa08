/**
 * A resource whose methods are called by XML-RPC.
 *
 * Spec: the XML-RPC Specification. After: twisted.web.xmlrpc.XMLRPC. Differs: the body must be
 * `text/xml` (no page of another site can send that without being asked), and is bounded.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import { Logger } from "../../logger/logger.ts";
import { checkTextType, decodeBody } from "../bodies/body-type.ts";
import type { MediaType } from "../http/media-type.ts";
import { Answer } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { type RPCMethod, RPCResource } from "./rpc-resource.ts";
import { XMLMalformedError } from "./xml-reader.ts";
import { decodeCall, type XMLRPCCall } from "./xmlrpc-decoder.ts";
import { encodeFault, encodeResponse } from "./xmlrpc-encoder.ts";
import { Fault } from "./xmlrpc-values.ts";

const log = new Logger({ namespace: "sennit.web" });

/** Twisted's codes: there is no such procedure; and all else that goes wrong. */
export const XMLRPC_NOT_FOUND = 8001;
/** See {@link XMLRPC_NOT_FOUND}. */
export const XMLRPC_FAILURE = 8002;

/** Options of {@link XMLRPC}. */
export interface XMLRPCOptions {
  /** `null` may travel, as `nil`, which not every client knows. Default: `false`. */
  readonly allowNil?: boolean;
  /** Bytes of a call, at most. Default: 1 MiB. */
  readonly limit?: number;
}

/**
 * Subclass it, with methods `xmlrpc_<name>`. They may be async; a {@link Fault} that they throw is
 * the client's, everything else is logged and is a fault 8002.
 *
 * @example
 * ```ts
 * import { addIntrospection, Fault, XMLRPC } from "sennit/web";
 *
 * class Bank extends XMLRPC {
 *   override readonly procedures = { divide: { help: "a / b" } };
 *
 *   xmlrpc_divide(a: unknown, b: unknown): number {
 *     if (typeof a !== "number" || typeof b !== "number") throw new Fault(1, "expected numbers");
 *     return a / b;
 *   }
 * }
 * const root = new Bank().putSubHandler("other", new Bank()); // other.divide
 * addIntrospection(root); // system.listMethods and its like
 * ```
 */
export class XMLRPC extends RPCResource {
  [method: `xmlrpc_${string}`]: RPCMethod | undefined;

  protected readonly methodPrefix = "xmlrpc_";
  readonly #allowNil: boolean;
  readonly #limit: number | undefined;

  constructor({ allowNil = false, limit }: XMLRPCOptions = {}) {
    super();
    this.#allowNil = allowNil;
    this.#limit = limit;
  }

  /** Takes a call. */
  async render_POST(request: Request): Promise<Answer> {
    checkTextType(request, isXML, "text/xml");
    const limit = this.#limit;
    const body = await request.content.read(limit === undefined ? {} : { limit });
    const text = await this.#answer(request, body);
    return new Answer(text, { headers: { "content-type": "text/xml; charset=utf-8" } });
  }

  async #answer(request: Request, body: Uint8Array): Promise<string> {
    try {
      const call = decodeCall(decodeBody(body), this.#allowNil);
      return await this.#call(request, call);
    } catch (error) {
      if (error instanceof Fault) return encodeFault(error);
      if (error instanceof XMLMalformedError) {
        return encodeFault(new Fault(XMLRPC_FAILURE, error.message));
      }
      throw error;
    }
  }

  async #call(request: Request, { method, params }: XMLRPCCall): Promise<string> {
    const result = await runProcedure(this, request, method, params);
    try {
      return encodeResponse(result, this.#allowNil);
    } catch (error) {
      log.failure("{method}: its result is nothing for XML-RPC", Failure.of(error), { method });
      throw new Fault(XMLRPC_FAILURE, "can't serialize output");
    }
  }
}

function isXML({ type, subtype }: MediaType): boolean {
  return subtype === "xml" && (type === "text" || type === "application");
}

/** Call a procedure. @throws {Fault} There is none, or it has failed, which is logged. */
export async function runProcedure(
  handler: RPCResource,
  request: Request,
  name: string,
  params: readonly unknown[],
): Promise<unknown> {
  const procedure = handler.lookupProcedure(name);
  if (procedure === undefined) throw new Fault(XMLRPC_NOT_FOUND, `procedure ${name} not found`);
  try {
    return await procedure.call(request, params);
  } catch (error) {
    if (error instanceof Fault) throw error;
    log.failure("{method}: error in a procedure", Failure.of(error), { method: name });
    throw new Fault(XMLRPC_FAILURE, "error");
  }
}
