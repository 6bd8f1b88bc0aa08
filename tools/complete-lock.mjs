/**
 * Completes package-lock.json. npm leaves out the binaries of other platforms when the registry at
 * hand does not hold them, and `npm ci` then refuses the lock, here and everywhere else. What is
 * missing is known all the same: the packages that want it name exact versions.
 *
 * Usage, after `npm install`: node tools/complete-lock.mjs [--check]
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";

const LOCK = new URL("../package-lock.json", import.meta.url);
const OS = /\b(?:android|darwin|freebsd|linux|openharmony|win32)\b/u;
const CPU = /\b(?:arm64|arm|ia32|ppc64|riscv64|s390x|x64)\b/u;

/** What the package of a binary says of itself: its name tells where it runs. */
function entryFor(name, version, dev) {
  const os = OS.exec(name)?.[0];
  const cpu = CPU.exec(name)?.[0];
  if (os === undefined || cpu === undefined)
    throw new Error(`Cannot place ${name}: add it by hand`);
  const libc = /musl/u.test(name) ? "musl" : "glibc";
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(os === "linux" ? { libc: [libc] } : {}),
    optional: true,
    os: [os],
  };
}

const lock = JSON.parse(readFileSync(LOCK, "utf8"));
const added = {};
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const places = [`node_modules/${name}`, `${path}/node_modules/${name}`];
    if (places.some((place) => place in lock.packages)) continue;
    if (!/^\d+\.\d+\.\d+$/u.test(version)) throw new Error(`Cannot pin ${name}: ${version}`);
    added[places[0]] = entryFor(name, version, dev === true);
  }
}
const names = Object.keys(added);
if (names.length === 0) {
  console.log("package-lock.json: complete");
} else if (process.argv.includes("--check")) {
  console.error(`package-lock.json lacks ${names.join(", ")}; run: node tools/complete-lock.mjs`);
  process.exitCode = 1;
} else {
  const packages = Object.entries({ ...lock.packages, ...added }).toSorted(([one], [other]) =>
    one.localeCompare(other, "en"),
  );
  writeFileSync(
    LOCK,
    `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`,
  );
  console.log(`package-lock.json: added ${String(names.length)} packages of other platforms`);
}
