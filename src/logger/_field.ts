/**
 * Fields of events, by their names in a format: `peer`, `peer.host`, `size()`, `peer.name()`.
 *
 * @module
 */
import type { LogEvent } from "./event.ts";

/**
 * The value that `path` names in the event, with the calls made.
 *
 * @throws {TypeError} There is no such field; besides, whatever its getters and functions throw.
 */
export function resolveField(event: LogEvent, path: string): unknown {
  let value: unknown = event;
  for (const step of path.split(".")) {
    const isCall = step.endsWith("()");
    const name = isCall ? step.slice(0, -2) : step;
    const owner = value;
    // The names that every object inherits (constructor, toString) are no fields of the event.
    if (owner === event && !Object.hasOwn(event, name)) throw new TypeError("no such field");
    const found = readAttribute(owner, name);
    value = isCall ? call(found, owner, name) : found;
  }
  return value;
}

function readAttribute(owner: unknown, name: string): unknown {
  if (owner === null || owner === undefined) {
    throw new TypeError(`${String(owner)} has no attribute ${name}`);
  }
  const boxed: unknown = Object(owner);
  if (typeof boxed !== "object" && typeof boxed !== "function") return undefined;
  if (boxed === null || !(name in boxed)) throw new TypeError(`no attribute ${name}`);
  return Reflect.get(boxed, name, owner);
}

function call(found: unknown, owner: unknown, name: string): unknown {
  if (typeof found !== "function") throw new TypeError(`${name} is not a function`);
  const result: unknown = Reflect.apply(found, owner, []);
  return result;
}
