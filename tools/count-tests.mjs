/**
 * Adds up what `vitest --reporter=json` wrote, a line for each file and one for all of them:
 *
 *     node-24: 812 passed, 0 failed, 3 skipped
 *     812 passed, 0 failed
 *
 * Usage: node tools/count-tests.mjs FILE…
 *
 * A file that is missing, or that tells of no test, is an error.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

function count(file) {
  const run = JSON.parse(readFileSync(file, "utf8"));
  const { numPassedTests: passed, numFailedTests: failed, numTotalTests: all } = run;
  if (passed === 0) throw new Error(`${file} tells of no test that passed`);
  // A test file that could not be loaded has no tests to fail.
  const broken = run.testResults.filter((one) => one.status === "failed" && one.message !== "");
  return { passed, failed: failed + broken.length, skipped: all - passed - failed };
}

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  const of = count(file);
  console.log(
    `${basename(file, ".json")}: ${of.passed} passed, ${of.failed} failed, ${of.skipped} skipped`,
  );
  passed += of.passed;
  failed += of.failed;
}
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
