/**
 * Measures sennit beside others, and says where it falls short. `--help` lists the options.
 *
 * Exit code: 0 measured, whatever the figures say; 1 something failed that was there to be
 * measured; 2 bad options.
 *
 * @module
 */
import { buildPackage } from "./lib/build.mjs";
import { machineFacts } from "./lib/machine.mjs";
import { readOptions, USAGE } from "./lib/options.mjs";
import { guardChildren } from "./lib/processes.mjs";
import { doneNoting, note } from "./lib/progress.mjs";
import { writeResults } from "./lib/readme.mjs";
import { packageFolder } from "./lib/sennit.mjs";

/**
 * @typedef {object} SuiteResult
 * @property {string} text Markdown.
 * @property {readonly (import("./lib/target.mjs").Verdict | undefined)[]} verdicts
 * @property {Map<string, Error>} [skipped] Peers that are not here, by label.
 * @property {Map<string, Error>} failed Peers that are here and failed, by label.
 *
 * @typedef {object} Suite
 * @property {(options: import("./lib/options.mjs").Options & { unavailable?: string | undefined })
 *   => Promise<SuiteResult>} run `unavailable`: why sennit itself cannot be measured.
 */

/** What there is to run. */
const SUITES = {
  tcp: { title: "TCP echo", load: () => import("./suites/tcp.mjs") },
  deferred: { title: "Deferred and Promise", load: () => import("./suites/deferred.mjs") },
  steps: { title: "Steps and contexts", load: () => import("./suites/steps.mjs") },
  timers: { title: "Timers, 1,000,000 alive", load: () => import("./suites/timers.mjs") },
  lines: { title: "Lines on a socket", load: () => import("./suites/lines.mjs") },
  idle: { title: "10,000 idle connections", load: () => import("./suites/idle.mjs") },
  tls: { title: "TLS echo", load: () => import("./suites/tls.mjs") },
  udp: { title: "UDP echo", load: () => import("./suites/udp.mjs") },
  web: { title: "The web", load: () => import("./suites/web.mjs") },
  slow: { title: "Slow attacks on the web", load: () => import("./suites/slow.mjs") },
  websocket: { title: "WebSocket echo", load: () => import("./suites/websocket.mjs") },
  threads: { title: "Round trips to a thread", load: () => import("./suites/threads.mjs") },
};

function optionsOrExit() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

/** @returns Why sennit cannot be measured, if it cannot. */
function build() {
  note("npm run build");
  const complaint = buildPackage();
  doneNoting();
  if (complaint === undefined) return undefined;
  console.error(`npm run build failed, so sennit itself is left out:\n${complaint}\n`);
  return "npm run build failed";
}

/** The command as a reader would type it. */
function commandLine() {
  const words = process.argv.slice(2).filter((word) => word !== "--write");
  return ["npm run bench", ...(words.length > 0 ? ["--", ...words] : [])].join(" ");
}

/** What a suite gave, as it is printed and written: nothing that is missing is hidden. */
function textOf({ text, skipped = new Map(), failed }) {
  const missing = [
    ...[...skipped].map(([label, { message }]) => `- ${label} is left out: ${message}`),
    ...[...failed].map(([label, { message }]) => `- ${label} **failed**: ${message}`),
  ];
  const origin = `Made by \`${commandLine()}\` on ${machineFacts()}.`;
  const parts = [text, missing.join("\n"), origin].filter((part) => part !== "");
  return parts.join("\n\n").replaceAll(packageFolder, "");
}

function summaryOf(verdicts) {
  const judged = verdicts.filter((verdict) => verdict?.isMet !== undefined);
  const short = judged.filter(({ isMet }) => !isMet);
  if (judged.length === 0) return "No target could be judged.";
  const lines = short.map(({ name, ratio }) => `- short: ${name} is ${ratio.median.toFixed(3)}`);
  return [`${judged.length - short.length} of ${judged.length} targets met.`, ...lines].join("\n");
}

async function main() {
  const options = optionsOrExit();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  guardChildren();
  const unavailable = options.build ? build() : undefined;
  const verdicts = [];
  for (const name of options.only) {
    const suite = await SUITES[name].load();
    const result = await suite.run({ ...options, unavailable });
    doneNoting();
    const text = textOf(result);
    console.log(`## ${SUITES[name].title}\n\n${text}\n`);
    if (options.write) writeResults(name, text);
    verdicts.push(...result.verdicts);
    if (result.failed.size > 0) process.exitCode = 1;
  }
  console.log(summaryOf(verdicts));
}

await main();
