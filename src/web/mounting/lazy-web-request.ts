/**
 * The web's `Request`, made when it is needed: most handlers ask for no more than the URL, the
 * method and some fields.
 *
 * To make a real one takes 15 µs of the 33 that a small answer by Hono takes in a site (Node 20). A
 * lazy one is an `instanceof Request` and does what a `Request` does, but the platform knows that
 * it is none: `new Request(lazy)` and `fetch(lazy)` throw a TypeError.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";

/** What a lazy one is made of. */
export interface LazyParts {
  readonly url: string;
  readonly method: string;
  /** Each is called once at most. */
  readonly headers: () => Headers;
  readonly signal: () => AbortSignal;
  readonly request: (headers: Headers, signal: AbortSignal) => Request;
}

class LazyRequest {
  readonly #parts: LazyParts;
  #headers: Headers | undefined;
  #signal: AbortSignal | undefined;
  #request: Request | undefined;

  constructor(parts: LazyParts) {
    this.#parts = parts;
  }

  get url(): string {
    return this.#parts.url;
  }

  get method(): string {
    return this.#parts.method;
  }

  get headers(): Headers {
    this.#headers ??= this.#parts.headers();
    return this.#headers;
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#parts.signal();
    return this.#signal;
  }

  /** The real one, from now on. */
  static real(lazy: LazyRequest): Request {
    if (lazy.#request === undefined) {
      lazy.#request = lazy.#parts.request(lazy.headers, lazy.signal);
      lazy.#headers = lazy.#request.headers;
    }
    return lazy.#request;
  }
}

let isReady = false;

/** See the top of this file. */
export function lazyWebRequest(parts: LazyParts): Request {
  if (!isReady) prepare();
  isReady = true;
  const lazy = new LazyRequest(parts);
  assert(lazy instanceof Request, "a lazy Request is one");
  return lazy;
}

/** What a lazy one has not itself, the real one does. */
function prepare(): void {
  const { prototype } = LazyRequest;
  for (const name of Reflect.ownKeys(Request.prototype)) {
    const { value, get } = Reflect.getOwnPropertyDescriptor(Request.prototype, name) ?? {};
    if (Object.hasOwn(prototype, name)) continue;
    if (get !== undefined) {
      Object.defineProperty(prototype, name, {
        get(this: LazyRequest): unknown {
          return Reflect.get(LazyRequest.real(this), name);
        },
      });
    } else if (typeof value === "function") {
      Object.defineProperty(prototype, name, {
        value(this: LazyRequest, ...args: unknown[]): unknown {
          return Reflect.apply(value, LazyRequest.real(this), args);
        },
      });
    }
  }
  Object.setPrototypeOf(prototype, Request.prototype);
}
