/**
 * Packages that only some programs need: heavy or native ones. They are optional peer dependencies,
 * loaded when they are first asked for.
 *
 * @module
 */
import { SennitError } from "./errors.ts";

/** Something was asked for that needs a package which is not there, or cannot be loaded. */
export class OptionalPackageError extends SennitError {
  readonly code = "ERR_OPTIONAL_PACKAGE";
  /** The name of the package. */
  readonly package: string;
  /** What to run, to have it. */
  readonly command: string;

  /**
   * @param purpose What it is for, after "Cannot": `open a pseudo-terminal`.
   * @param options `cause` is what the attempt to load it threw.
   */
  constructor(purpose: string, name: string, options?: ErrorOptions) {
    const command = `npm install ${name}`;
    super(
      `Cannot ${purpose}: expected the optional package ${name}, which is not installed or ` +
        `cannot be loaded; run "${command}"`,
      options,
    );
    this.package = name;
    this.command = command;
  }
}
