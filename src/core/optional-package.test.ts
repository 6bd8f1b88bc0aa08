import { assert, it } from "vitest";
import { SennitError } from "./errors.ts";
import { OptionalPackageError } from "./optional-package.ts";

it("OptionalPackageError says what is missing, and what to run", () => {
  const cause = new Error("Cannot find module");
  const error = new OptionalPackageError("open a serial port", "serialport", { cause });
  assert.isTrue(error instanceof SennitError);
  assert.equal(
    error.message,
    "Cannot open a serial port: expected the optional package serialport, which is not installed " +
      'or cannot be loaded; run "npm install serialport"',
  );
  assert.deepInclude(error, {
    code: "ERR_OPTIONAL_PACKAGE",
    package: "serialport",
    command: "npm install serialport",
    cause,
  });
});
