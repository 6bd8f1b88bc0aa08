/**
 * What resources of remote calls have in common: procedures by name, in trees.
 *
 *     "add"            the method <prefix>add of this resource
 *     "bank.add"       the procedure "add" of the handler that was put at "bank"
 *
 * After: the lookup of twisted.web.xmlrpc.XMLRPC.
 *
 * @module
 */
import { Resource } from "../server/resource.ts";
import type { Request } from "../server/request.ts";

/**
 * A method that is called from afar. Its arguments are what the client has sent, whatever types it
 * names: check them.
 */
export type RPCMethod = (...args: never[]) => unknown;

/** What is known of a procedure beside its code. */
export interface ProcedureDescription {
  /** For people who ask. */
  readonly help?: string;
  /** For people who ask: what it returns, and what it takes, in each of its forms. */
  readonly signature?: readonly (readonly string[])[];
  /** Names of its arguments, in order, for clients that send them by name. */
  readonly params?: readonly string[];
  /** The request comes as first argument, before those of the client. Default: `false`. */
  readonly withRequest?: boolean;
}

/** A procedure that was found. */
export interface Procedure {
  readonly description: ProcedureDescription;
  /** Call it. What it returns may come later, and what it throws is its own. */
  call(request: Request, args: readonly unknown[]): unknown;
}

/** See the top of this file. */
export abstract class RPCResource extends Resource {
  override readonly isLeaf = true;
  /** What the names of its methods begin with. */
  protected abstract readonly methodPrefix: string;
  /** Override this to describe procedures, by their names. */
  readonly procedures: Readonly<Record<string, ProcedureDescription>> = {};
  readonly #subHandlers = new Map<string, RPCResource>();

  /** Procedures whose names begin with `prefix` and a dot are those of `handler`. */
  putSubHandler(prefix: string, handler: RPCResource): this {
    this.#subHandlers.set(prefix, handler);
    return this;
  }

  /** The handler that was put at `prefix`. */
  getSubHandler(prefix: string): RPCResource | undefined {
    return this.#subHandlers.get(prefix);
  }

  /** The procedure of this name; `undefined` if there is none. */
  lookupProcedure(name: string): Procedure | undefined {
    const dot = name.indexOf(".");
    const handler = dot === -1 ? undefined : this.#subHandlers.get(name.slice(0, dot));
    if (handler !== undefined) return handler.lookupProcedure(name.slice(dot + 1));
    const method: unknown = Reflect.get(this, this.methodPrefix + name);
    if (typeof method !== "function") return undefined;
    const { procedures } = this;
    const description = (Object.hasOwn(procedures, name) && procedures[name]) || {};
    return {
      description,
      call: (request, args) => {
        const all = description.withRequest === true ? [request, ...args] : args;
        return Reflect.apply(method, this, all);
      },
    };
  }

  /** The names of all procedures, those of its handlers as well, in order. */
  listProcedures(): string[] {
    const names = new Set<string>();
    for (let at: unknown = this; isObject(at); at = Reflect.getPrototypeOf(at)) {
      for (const key of Reflect.ownKeys(at)) {
        if (typeof key !== "string" || !key.startsWith(this.methodPrefix)) continue;
        if (typeof Reflect.get(this, key) === "function") {
          names.add(key.slice(this.methodPrefix.length));
        }
      }
    }
    for (const [prefix, handler] of this.#subHandlers) {
      for (const name of handler.listProcedures()) names.add(`${prefix}.${name}`);
    }
    return [...names].toSorted();
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
