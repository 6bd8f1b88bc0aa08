/**
 * Schemas of any library (Valibot, Zod, ArkType, …), by the interface that they share.
 *
 * Spec: Standard Schema 1.1 (https://standardschema.dev). The interface is declared here, so that
 * nothing needs to be installed for it.
 *
 * @module
 */
import { SennitError } from "../../core/errors.ts";
import type { Eventually } from "../server/answer.ts";
import { andThen } from "../server/and-then.ts";

/** Something that validates. `Output` is what it makes of a good value. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    /** Whose schema it is: `valibot`. */
    readonly vendor: string;
    /** Says what the value is, or what is wrong with it. Throws for neither. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** For types only; not there at run time. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: the value, or what is wrong. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that is wrong. */
export interface StandardIssue {
  readonly message: string;
  /** Where in the value, from its top; none: the value as such. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema makes of a good value. */
export type SchemaOutput<Schema extends StandardSchema> = NonNullable<
  Schema["~standard"]["types"]
>["output"];

/** Which part of a request was validated. */
export type ValidatedPart = "params" | "query" | "body";

/** A part of a request is not what a schema asks for. A server answers 422. */
export class ValidationError extends SennitError {
  readonly code = "ERR_HTTP_VALIDATION";
  /** How a server answers it. */
  readonly status = 422;
  readonly part: ValidatedPart;
  /** What is wrong with it; at least one. */
  readonly issues: readonly StandardIssue[];

  constructor(part: ValidatedPart, issues: readonly StandardIssue[]) {
    super(`Cannot take the ${part} of the request: ${issues.map(formatIssue).join("; ")}`);
    this.part = part;
    this.issues = issues;
  }
}

/** The path of an issue as names. */
export function issuePath({ path = [] }: StandardIssue): string[] {
  return path.map((step) => String(typeof step === "object" ? step.key : step));
}

function formatIssue(issue: StandardIssue): string {
  const path = issuePath(issue);
  return path.length === 0 ? issue.message : `${path.join(".")}: ${issue.message}`;
}

/**
 * What a schema makes of a value: at once, unless the schema itself is asynchronous.
 *
 * @throws {ValidationError} Or the promise fails with it.
 */
export function validate<Schema extends StandardSchema>(
  schema: Schema,
  value: unknown,
  part: ValidatedPart,
): Eventually<SchemaOutput<Schema>> {
  return andThen(schema["~standard"].validate(value), (result) => {
    if (result.issues !== undefined) throw new ValidationError(part, result.issues);
    return result.value;
  });
}
