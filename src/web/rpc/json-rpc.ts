/**
 * A resource whose methods are called by JSON-RPC.
 *
 *     {"jsonrpc": "2.0", "method": "add", "params": [1, 2], "id": 1}
 *     {"jsonrpc": "2.0", "result": 3, "id": 1}
 *
 * Calls of a batch are begun in its order and run beside each other; their answers stand in its
 * order.
 *
 * Spec: the JSON-RPC 2.0 Specification of 2013. Errors are answered with status 200, as it has no
 * word on HTTP; notifications with 204.
 *
 * @module
 */
import { SennitError } from "../../core/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { Logger } from "../../logger/logger.ts";
import { BodyMalformedError } from "../bodies/read-errors.ts";
import { readJSON } from "../bodies/read-json.ts";
import { Answer } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { type Procedure, type RPCMethod, RPCResource } from "./rpc-resource.ts";

const log = new Logger({ namespace: "sennit.web" });

/** Codes of the specification (§5.1). */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
const INTERNAL_ERROR = -32_603;

/** Thrown by a method, it is what the client gets (§5.1). */
export class JSONRPCError extends SennitError {
  readonly code = "ERR_JSONRPC";
  /** A whole number; those from -32768 to -32000 are the specification's. */
  readonly errorCode: number;
  /** More about it, as JSON; `undefined`: there is none. */
  readonly data: unknown;

  constructor(errorCode: number, message: string, data?: unknown) {
    super(message);
    this.errorCode = errorCode;
    this.data = data;
  }
}

/** Options of {@link JSONRPC}. */
export interface JSONRPCOptions {
  /** Bytes of a call or a batch, at most. Default: 1 MiB. */
  readonly limit?: number;
  /** Calls in a batch, at most. Default: 100. */
  readonly batchMax?: number;
}

type Id = string | number | null;

/** A call that is one. */
interface Call {
  readonly method: string;
  readonly params: readonly unknown[] | object;
  /** `undefined`: a notification, which is not answered. */
  readonly id: Id | undefined;
}

/**
 * Subclass it, with methods `jsonrpc_<name>`. They may be async; a {@link JSONRPCError} that they
 * throw is the client's, everything else is logged and is an internal error. Arguments by name go
 * to the places that `procedures` has for them; without it, the object is the only argument.
 *
 * @example
 * ```ts
 * import { JSONRPC, JSONRPCError } from "sennit/web";
 *
 * class Bank extends JSONRPC {
 *   override readonly procedures = { subtract: { params: ["minuend", "subtrahend"] } };
 *
 *   jsonrpc_subtract(a: unknown, b: unknown): number {
 *     if (typeof a === "number" && typeof b === "number") return a - b;
 *     throw new JSONRPCError(-32602, "expected numbers");
 *   }
 * }
 * const root = new Bank().putSubHandler("other", new Bank()); // other.subtract
 * ```
 */
export class JSONRPC extends RPCResource {
  [method: `jsonrpc_${string}`]: RPCMethod | undefined;

  protected readonly methodPrefix = "jsonrpc_";
  readonly #limit: number | undefined;
  readonly #batchMax: number;

  constructor({ limit, batchMax = 100 }: JSONRPCOptions = {}) {
    super();
    this.#limit = limit;
    this.#batchMax = batchMax;
  }

  /** Takes a call, or a batch of them. */
  async render_POST(request: Request): Promise<Answer> {
    const limit = this.#limit;
    let message: unknown;
    try {
      message = await readJSON(request, limit === undefined ? {} : { limit });
    } catch (error) {
      if (!(error instanceof BodyMalformedError)) throw error;
      return answer(errorText(null, PARSE_ERROR, "Parse error", error.message));
    }
    return answer(await this.#respond(request, message));
  }

  async #respond(request: Request, message: unknown): Promise<string | undefined> {
    if (!Array.isArray(message)) return await this.#respondOne(request, message);
    const batch: readonly unknown[] = message;
    if (batch.length === 0 || batch.length > this.#batchMax) {
      const expected = `expected 1 to ${String(this.#batchMax)} calls`;
      return errorText(null, INVALID_REQUEST, "Invalid Request", expected);
    }
    const responses = await Promise.all(batch.map((one) => this.#respondOne(request, one)));
    const answered = responses.filter((response) => response !== undefined);
    return answered.length === 0 ? undefined : `[${answered.join(",")}]`;
  }

  /** The text of a response; `undefined`: none is wanted. Never fails. */
  async #respondOne(request: Request, message: unknown): Promise<string | undefined> {
    const call = callOf(message);
    if (call === undefined)
      return errorText(idOf(message) ?? null, INVALID_REQUEST, "Invalid Request");
    const { id, method } = call;
    try {
      const result: unknown = await this.#call(request, call);
      return id === undefined ? undefined : resultText(id, result);
    } catch (error) {
      if (!(error instanceof JSONRPCError)) {
        log.failure("{method}: error in a procedure", Failure.of(error), { method });
      }
      return id === undefined ? undefined : failureText(id, error);
    }
  }

  #call(request: Request, { method, params }: Call): unknown {
    const procedure = this.lookupProcedure(method);
    if (procedure === undefined) throw new JSONRPCError(METHOD_NOT_FOUND, "Method not found");
    return procedure.call(request, argumentsOf(procedure, params));
  }
}

function answer(text: string | undefined): Answer {
  if (text === undefined) return new Answer("", { code: 204 });
  return new Answer(text, { headers: { "content-type": "application/json" } });
}

// -- Calls

/** A call, if it is one (§4). */
function callOf(message: unknown): Call | undefined {
  if (typeof message !== "object" || message === null || Array.isArray(message)) return undefined;
  const version: unknown = Reflect.get(message, "jsonrpc");
  const method: unknown = Reflect.get(message, "method");
  const params: unknown = Reflect.get(message, "params") ?? [];
  const id = idOf(message);
  if (version !== "2.0" || typeof method !== "string" || typeof params !== "object")
    return undefined;
  if (params === null || Reflect.get(message, "params") === null) return undefined;
  if (id === undefined && Object.hasOwn(message, "id")) return undefined;
  return { method, params, id };
}

/** The id that a message has, if it can be one. */
function idOf(message: unknown): Id | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const id: unknown = Object.hasOwn(message, "id") ? Reflect.get(message, "id") : undefined;
  return typeof id === "string" || typeof id === "number" || id === null ? id : undefined;
}

/** By place; or by name, in the places that the procedure has for them (§4.2). */
function argumentsOf({ description }: Procedure, params: Call["params"]): readonly unknown[] {
  if (isList(params)) return params;
  const names = description.params;
  if (names === undefined) return [params];
  const unknown = Object.keys(params).find((name) => !names.includes(name));
  if (unknown === undefined) return names.map((name) => ownMember(params, name));
  throw new JSONRPCError(INVALID_PARAMS, "Invalid params", `unknown: ${unknown}`);
}

function isList(params: Call["params"]): params is readonly unknown[] {
  return Array.isArray(params);
}

function ownMember(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
}

// -- Responses

/** A method that returns nothing returns `null`: a response has a result (§5). */
function resultText(id: Id, result: unknown): string {
  const value: string | undefined = JSON.stringify(result ?? null);
  if (value !== undefined) return `{"jsonrpc":"2.0","result":${value},"id":${JSON.stringify(id)}}`;
  throw new TypeError(`Cannot write a ${typeof result} as JSON`);
}

function failureText(id: Id, error: unknown): string {
  if (!(error instanceof JSONRPCError)) return errorText(id, INTERNAL_ERROR, "Internal error");
  try {
    return errorText(id, error.errorCode, error.message, error.data);
  } catch (unwritable) {
    log.failure("The data of an error is nothing for JSON", Failure.of(unwritable));
    return errorText(id, error.errorCode, error.message);
  }
}

function errorText(id: Id, code: number, message: string, data?: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", error: { code, message, data }, id });
}
