/**
 * Exit statuses: by the code of the error, or of what caused it.
 *
 * @module
 */
import { assert, it } from "vitest";
import { CannotListenError } from "../internet/errors.ts";
import { ServiceModuleError, ServiceModuleNotFoundError, UsageError } from "./errors.ts";
import { EXIT_STATUS, exitStatusOf } from "./exit-status.ts";

it("exitStatusOf() knows the foreseen errors, and takes the rest for bugs", () => {
  const rows: readonly (readonly [unknown, number])[] = [
    [new UsageError("what?"), 64],
    [new ServiceModuleNotFoundError("where?"), 66],
    [new CannotListenError("", 80, new Error("EACCES")), 69],
    [new ServiceModuleError("no service"), 78],
    [new TypeError("oops"), 70],
    ["oops", 70],
  ];
  for (const [error, status] of rows) assert.strictEqual(exitStatusOf(error), status);
});

it("exitStatusOf() looks at causes, also circular ones", () => {
  const cause = new CannotListenError("", 80, new Error("EACCES"));
  const error = new Error("no web", { cause: new Error("no server", { cause }) });
  assert.strictEqual(exitStatusOf(error), EXIT_STATUS.unavailable);
  const circular = new Error("again");
  circular.cause = circular;
  assert.strictEqual(exitStatusOf(circular), EXIT_STATUS.software);
});
