/**
 * TypeScript to JavaScript, by putting blanks where the types were: lines and columns stay.
 *
 * @module
 */

/** What the stripper throws: a record, not an error. */
interface Complaint {
  readonly message: string;
  readonly startLine: number;
  /** From 0. */
  readonly startColumn: number;
}

/**
 * Remove the types from a module.
 *
 * @param file For messages.
 * @throws {SyntaxError} It is no TypeScript, or says what cannot be said by types alone (`enum`,
 * `namespace`, parameter properties); the message tells where.
 */
export async function stripTypes(source: string, file: string): Promise<string> {
  // 4 MB of WebAssembly, for those who have TypeScript.
  const { transformSync } = await import("@swc/wasm-typescript");
  try {
    const options = { mode: "strip-only", module: true, filename: file } as const;
    return transformSync(source, options).code;
  } catch (error) {
    if (!isComplaint(error)) throw error;
    const column = String(error.startColumn + 1);
    throw new SyntaxError(`${error.message} (${file}:${String(error.startLine)}:${column})`);
  }
}

function isComplaint(value: unknown): value is Complaint {
  return (
    typeof value === "object" &&
    value !== null &&
    "message" in value &&
    typeof value.message === "string" &&
    "startLine" in value &&
    typeof value.startLine === "number" &&
    "startColumn" in value &&
    typeof value.startColumn === "number"
  );
}
