/**
 * What is in a file, told from its name.
 *
 * @module
 */
import mime from "mime";

const EXTENSION = /\.(?<extension>[^./\\]+)$/u;

/** The letters behind the last dot of the name, in lower case; empty without one. */
function extensionOf(path: string): string {
  return EXTENSION.exec(path)?.groups?.["extension"]?.toLowerCase() ?? "";
}

/** The media type of a file with this path; `undefined`: its extension says nothing. */
export function typeOf(path: string, types: ReadonlyMap<string, string>): string | undefined {
  return types.get(extensionOf(path)) ?? mime.getType(path) ?? undefined;
}

/** As it is sent: text is UTF-8, unless the type says something else. */
export function withCharset(type: string): string {
  return type.startsWith("text/") && !type.includes(";") ? `${type}; charset=utf-8` : type;
}
