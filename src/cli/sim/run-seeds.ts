/**
 * `sennit sim run`: many seeds, and of each failure all that can be told in some seconds.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ExaminedFailure } from "../../testing/simulation/examine-failure.ts";
import {
  exploreFile,
  type ExploreFileOptions,
  type ExploreFileResult,
} from "../../testing/simulation/explore-file.ts";
import { describeBatch, describeFound } from "../../testing/simulation/report.ts";
import { ScenarioProcess, ScenarioProcessLost } from "../../testing/simulation/scenario-process.ts";
import type { ToldResult } from "../../testing/simulation/told-result.ts";
import type { CommandContext, Ending } from "../command.ts";
import { SIM_STATUS, statusOfBatch } from "./exit-status.ts";
import { describeExamined } from "./failure-report.ts";
import { jsonReport } from "./json-report.ts";
import { counted, grouped, Progress } from "./progress.ts";
import { replayCommandFor, replayCommandOf } from "./replay-line.ts";
import type { SimSettings } from "./settings.ts";
import { writePictures } from "./write-pictures.ts";

/** Seconds for looking closely at failures, all together. */
const EXAMINING = 11;
/** Seconds after which whoever looks is stuck. */
const EXAMINING_PATIENCE = 30;
/** As a shell has it for those whom SIGINT has ended. */
const INTERRUPTED = 130;

/** See the top of this file. Ctrl-C ends it in good order, and a second one at once. */
export async function runSeeds(settings: SimSettings, context: CommandContext): Promise<Ending> {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort();
  };
  process.on("SIGINT", interrupt);
  try {
    return await new SeedRun(settings, context, controller.signal).go();
  } finally {
    process.removeListener("SIGINT", interrupt);
  }
}

class SeedRun {
  readonly #settings: SimSettings;
  readonly #context: CommandContext;
  readonly #signal: AbortSignal;
  readonly #progress: Progress;

  constructor(settings: SimSettings, context: CommandContext, signal: AbortSignal) {
    const { reactor, writeError } = context;
    this.#settings = settings;
    this.#context = context;
    this.#signal = signal;
    this.#progress = new Progress(reactor, writeError, process.stderr.isTTY);
  }

  async go(): Promise<Ending> {
    const { file } = this.#settings;
    const options = this.#exploreOptions();
    const json = this.#settings.text("json");
    const found = await exploreFile(file, options).finally(() => this.#progress.end());
    const examined = new Map<ToldResult, ExaminedFailure>();
    let status = statusOfBatch(found);
    for (const one of found.failed) {
      const answer = await this.#report(found, one);
      if (answer === "gone") status = SIM_STATUS.nondeterministic;
      else if (answer !== undefined) examined.set(one, answer);
    }
    this.#reportRest(found);
    if (json !== undefined) {
      writeFileSync(resolve(this.#context.directory, json), jsonReport(file, found, examined));
    }
    // Nothing was found, but then not everything was looked at.
    const isCutShort = this.#signal.aborted && found.failed.length === 0;
    return { status, signal: isCutShort ? "SIGINT" : undefined };
  }

  #exploreOptions(): ExploreFileOptions {
    const settings = this.#settings;
    const { reactor, directory } = this.#context;
    const budget = settings.seconds("time");
    // Whoever says how long says how many.
    const forever = budget === undefined ? undefined : Number.POSITIVE_INFINITY;
    const seeds = settings.number("seeds", 1) ?? forever;
    const from = settings.number("from", 0);
    const jobs = settings.number("jobs", 1);
    const failures = settings.number("failures", 1);
    const check = settings.part("check");
    const patience = settings.seconds("patience");
    return {
      ...settings.options,
      ...(seeds !== undefined && { seeds }),
      ...(budget !== undefined && { budget }),
      ...(from !== undefined && { from }),
      ...(jobs !== undefined && { jobs }),
      ...(failures !== undefined && { failures }),
      ...(check !== undefined && { check }),
      ...(patience !== undefined && { patience }),
      reactor,
      directory,
      signal: this.#signal,
      onProgress: this.#progress.show,
    };
  }

  #say(lines: readonly string[]): void {
    this.#context.writeOut(`${lines.join("\n")}\n`);
  }

  /** Tell of one failure. @returns `gone`: it does not fail when it is run again. */
  async #report(
    found: ExploreFileResult,
    one: ToldResult,
  ): Promise<ExaminedFailure | "gone" | undefined> {
    const { name, failed } = found;
    const command = replayCommandOf(this.#settings);
    this.#say(describeFound(name, one));
    const answer = await this.#examine(one, EXAMINING / failed.length);
    if (typeof answer === "string") {
      this.#say([`  ${answer}`, `  replay: ${command} --token ${one.token}`]);
      return answer === GONE ? "gone" : undefined;
    }
    const { file } = this.#settings;
    const { directory } = this.#context;
    const folder = this.#settings.text("html");
    const pictures = writePictures({ ...answer, file, seed: one.seed, directory, folder });
    this.#say([
      ...describeExamined(answer),
      `  replay: ${replayCommandFor(this.#settings, answer.told.token, one.token)}`,
      `  picture: ${pictures.html}   trace: ${pictures.lines}`,
    ]);
    return answer;
  }

  /** Look closely. @returns A sentence: why that could not be done. */
  async #examine({ hash, token }: ToldResult, budget: number): Promise<ExaminedFailure | string> {
    if (hash === "") return "what happened in it is not known: it never told";
    if (this.#signal.aborted) return "it was not looked at: interrupted";
    const { reactor, directory } = this.#context;
    const { file, options } = this.#settings;
    const one = new ScenarioProcess({ file, directory, reactor, patience: EXAMINING_PATIENCE });
    const kill = (): void => void one.kill();
    this.#signal.addEventListener("abort", kill);
    try {
      await one.loaded();
      const shrink = !this.#settings.has("no-shrink");
      const command = replayCommandOf(this.#settings);
      const order = { token, shrink, budget, options, command };
      if (process.stderr.isTTY) this.#progress.say(shrink ? "shrinking …" : "looking …");
      return (await one.ask("examine", order)) ?? GONE;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const why = error instanceof ScenarioProcessLost ? "it did not come back" : error.message;
      return `it could not be looked at: ${this.#signal.aborted ? "interrupted" : why}`;
    } finally {
      this.#signal.removeEventListener("abort", kill);
      this.#progress.end();
      await one.kill();
    }
  }

  /** What is to be said of the batch. */
  #reportRest(found: ExploreFileResult): void {
    const { name, seeds, events, seconds, failed, unfinished } = found;
    const lines: string[] = [];
    if (failed.length === 0) {
      const isCutShort = this.#signal.aborted && found.diverged.length === 0;
      lines.push(
        isCutShort ? `${name}   interrupted` : describeBatch({ name }, { ...found, failed: [] }),
      );
    }
    const rate = grouped(Math.round((seeds / seconds) * 60));
    const counts = [counted(seeds, "seed"), counted(events, "event"), `${seconds.toFixed(1)} s`];
    // A run that was cut short says nothing of speed.
    lines.push(
      `  ${[...counts, ...(failed.length === 0 ? [`${rate} seeds/min`] : [])].join("   ")}`,
    );
    if (unfinished.length > 0) lines.push(`  unfinished: seed ${unfinished.join(", ")}`);
    if (found.diverged.length > 0) {
      const [{ seed } = { seed: 0 }] = found.diverged;
      const { file, optionWords } = this.#settings;
      lines.push(`  see: sennit sim doctor ${file} --seed ${String(seed)}${optionWords}`);
    }
    this.#say(lines);
  }
}

/** What was found is not there any more. */
const GONE =
  "it did not fail when it was run again in a process of its own: the scenario is not " +
  "deterministic, or something in a module outlives a run; see sennit sim doctor";
