/**
 * Counts the tests of what uses a network by where they run: on a simulated one, in memory, on the
 * sockets of this machine. Nothing is run: tests are listed.
 *
 * Usage: node tools/count-networks.mjs [FOLDER]
 *
 * A test says by its name where it runs, or by that of a suite around it; else its file does, by
 * what it imports. So a test beside them that uses no network is counted with them. The contracts
 * of reactors are counted apart: they run on every kind. Tests of programs (`test/interop`,
 * `test/packaging`, `test/by-name`) and of the simulator itself are left out.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";

const LEFT_OUT =
  /^(?:test\/(?:interop|packaging|by-name)|build|src\/(?:reactors|testing)\/simulat\w+)\//u;

/** In names of tests and suites; the first that fits says it. */
const NAMED = [
  ["simulated", /\[(?:benign|harsh|simulated)|SimulatedReactor/u],
  ["memory", /\[in memory\]|MemoryReactor (?:over|>)|^MemoryReactor/u],
  ["sockets", /NodeReactor/u],
];

/** In files; the first that fits says it. */
const IMPORTED = [
  ["simulated", /(?:reactors\/simulated|testing\/simulation|fixtures\/(?:simulated|networks))/u],
  ["simulated", /fixtures\/web\/(?:in-memory|http1-scene|websocket-scene|mounted-visit)/u],
  ["simulated", /(?:proxy-stage|upstream-stage|streams\/scene)\.ts"/u],
  ["sockets", /new NodeReactor\(|NodeHarness|createServer\(|createSocket\(/u],
  ["memory", /MemoryReactor|StringTransport|FakeDatagramTransport|new Clock\(|\bconnect\(/u],
];

function placeOf(name, text) {
  const found = NAMED.find(([, pattern]) => pattern.test(name));
  return (found ?? IMPORTED.find(([, pattern]) => pattern.test(text)) ?? ["none"])[0];
}

const root = resolve(process.argv[2] ?? ".");
const listed = execFileSync("npx", ["vitest", "list", "--json"], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 1e9,
  stdio: ["ignore", "pipe", "ignore"],
});
const texts = new Map();
const all = { contracts: {}, others: {} };
for (const { name, file } of JSON.parse(listed.slice(listed.indexOf("[\n")))) {
  const path = relative(root, file);
  if (LEFT_OUT.test(path)) continue;
  if (!texts.has(path)) texts.set(path, readFileSync(file, "utf8"));
  const counts = path.startsWith("test/conformance/") ? all.contracts : all.others;
  const place = placeOf(name, texts.get(path));
  counts[place] = (counts[place] ?? 0) + 1;
}
for (const [what, counts] of Object.entries(all)) {
  const { none = 0, ...places } = counts;
  const network = Object.values(places).reduce((sum, one) => sum + one, 0);
  const shares = Object.entries(places).map(
    ([place, count]) => `${place} ${count} (${((100 * count) / network).toFixed(0)} %)`,
  );
  console.log(`${what}: ${shares.toSorted().join(", ")}; no network ${none}`);
}
