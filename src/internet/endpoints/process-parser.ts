/**
 * The prefix `process`.
 *
 *     process:executable[:argument…][:path=folder][:stderr=log|drop|merge]
 *             [:env.NAME=value…][:closeTimeout=seconds][:killTimeout=seconds]
 *
 * An argument that holds a `=` writes it as `\=`. Given one `env.NAME`, the environment is just
 * what the description says; otherwise it is ours.
 *
 * Differs: Twisted has no such prefix.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { UnsupportedError } from "../errors.ts";
import { type ConnectProcessOptions, IReactorProcess } from "../interfaces-process.ts";
import { type ArgumentSyntax, EndpointArguments } from "./_arguments.ts";
import type { IStreamClientEndpointStringParser } from "./interfaces-string-parser.ts";
import { ProcessEndpoint } from "./process-endpoint.ts";

const ENV = "env.";

const syntax: ArgumentSyntax = {
  what: "process client endpoint",
  usage:
    "process:executable[:argument…][:path=folder][:stderr=log|drop|merge]" +
    "[:env.NAME=value…][:closeTimeout=seconds][:killTimeout=seconds]",
  names: ["executable", "path", "stderr", "closeTimeout", "killTimeout"],
};

/** `process:executable[:argument…]` makes a {@link ProcessEndpoint}. */
export const processClientParser: IStreamClientEndpointStringParser = {
  prefix: "process",
  usage: syntax.usage,
  parseStreamClient(reactor, positional, keywords) {
    const named = [...keywords].filter(([name]) => !name.startsWith(ENV));
    // Only the first place has a name; the others are arguments, and may be empty.
    const places = keywords.has("executable") ? 0 : 1;
    const fields = new EndpointArguments(syntax, positional.slice(0, places), new Map(named));
    const executable = fields.required("executable");
    const args = [executable, ...positional.slice(places)];
    const options = { ...optionsOf(fields), ...environmentOf(keywords), args };
    checkNULs(fields, [...positional, ...[...keywords].flat()]);
    if (reactor.provides(IReactorProcess)) return new ProcessEndpoint(reactor, executable, options);
    throw new UnsupportedError(IReactorProcess.label, reactor.constructor.name);
  },
};

function optionsOf(fields: EndpointArguments): ConnectProcessOptions {
  const path = fields.optional("path");
  const standardError = fields.optional("stderr") ?? "log";
  if (standardError !== "log" && standardError !== "drop" && standardError !== "merge") {
    fields.refuse(`expected stderr to be log, drop or merge, got ${quote(standardError)}`);
  }
  const closeTimeout = fields.seconds("closeTimeout");
  const killTimeout = fields.seconds("killTimeout");
  return {
    standardError,
    ...(path !== undefined && { path }),
    ...(closeTimeout !== undefined && { closeTimeout }),
    ...(killTimeout !== undefined && { killTimeout }),
  };
}

function environmentOf(keywords: ReadonlyMap<string, string>): ConnectProcessOptions {
  const entries = [...keywords].filter(([name]) => name.startsWith(ENV));
  if (entries.length === 0) return {};
  return {
    env: Object.fromEntries(entries.map(([name, value]) => [name.slice(ENV.length), value])),
  };
}

function checkNULs(fields: EndpointArguments, texts: readonly string[]): void {
  const bad = texts.find((text) => text.includes("\0"));
  if (bad !== undefined) fields.refuse(`expected text without NULs, got ${quote(bad)}`);
}
