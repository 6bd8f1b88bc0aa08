/**
 * `sennit serve`: the files in a directory, over HTTP.
 *
 * After: `twist web`. Differs: one command line for what people need a static server for.
 *
 * @module
 */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { quote } from "../core/text.ts";
import { UsageError } from "../application/errors.ts";
import { EXIT_STATUS, exitStatusOf } from "../application/exit-status.ts";
import { beginLogging } from "../application/logging.ts";
import { runApplication } from "../application/run-application.ts";
import type { Deferred } from "../defer/deferred.ts";
import type { IAddress } from "../internet/addresses.ts";
import { StreamServerEndpointService } from "../service/stream-server-endpoint-service.ts";
import type { Command, CommandContext, Ending } from "./command.ts";
import { type ParsedOptions, parseOptionsAround } from "./options.ts";
import { reportError } from "./report.ts";
import { type ListenSettings, listenSettings, serveEndpoint, urlsOf } from "./serve-endpoint.ts";
import { type ProxySettings, proxySettings, serveSite, type SiteSettings } from "./serve-site.ts";

const NAME = "sennit serve";

const HELP = `Usage: sennit serve [options] [directory]

Serves the files in a directory over HTTP/1.1 and HTTP/2, until it is told to
stop. Without a directory: the one you are in.

Options:
  --listen <where>      a port, an address and a port, or an endpoint as in
                        unix:/run/web.sock (default: 127.0.0.1:8080, this
                        machine alone; 0.0.0.0:8080 is for everybody)
  --tls self            speak TLS, with a certificate that is made now and that
                        nobody trusts yet
  --tls <cert>,<key>    speak TLS, with the certificate and the key in two files
  --spa                 where nothing is, answer with index.html: for programs
                        that find their way in the browser
  --listing             show what is in a directory that has no index.html
  --cors                let scripts of all sites read the files
  --proxy <prefix=url>  pass what begins with a prefix on, as in
                        /api=http://127.0.0.1:3000; as often as you like
  --quiet               no line for each request
  --debug               report errors with their stacks
  -h, --help            print this

A line for each request goes to the standard output, in the combined format of
web servers; everything else to the standard error. Files whose names begin with
a dot, and links that lead out of the directory, are not served. Compressed
files beside others (app.js.br, app.js.gz) are sent to clients that take them.

Exit status: as of sennit run.
`;

const OPTIONS = {
  listen: { type: "string" },
  tls: { type: "string" },
  spa: { type: "boolean" },
  listing: { type: "boolean" },
  cors: { type: "boolean" },
  proxy: { type: "string", multiple: true },
  quiet: { type: "boolean" },
  debug: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** See the top of this file. */
export const serveCommand: Command = {
  name: "serve",
  summary: "serve the files in a directory over HTTP",
  help: HELP,
  run,
};

/** Says where it is, once it is open. */
class WebService extends StreamServerEndpointService {
  told: (address: IAddress) => void = () => {};

  override startService(): Deferred<void> {
    return super.startService().addCallback(() => {
      if (this.port !== undefined) this.told(this.port.getHost());
    });
  }
}

/** The command line, checked. */
interface Settings extends SiteSettings, ListenSettings {
  readonly debug: boolean;
}

async function run(args: readonly string[], context: CommandContext): Promise<Ending> {
  const parsed = parse(args);
  if (parsed.flags.has("help")) {
    context.writeOut(HELP);
    return { status: EXIT_STATUS.ok };
  }
  const settings = settingsFrom(parsed, context.directory);
  try {
    return await serve(settings, context);
  } catch (error) {
    context.writeError(reportError(error, settings.debug));
    return { status: exitStatusOf(error) };
  }
}

function parse(args: readonly string[]): ParsedOptions {
  const parsed = parseOptionsAround(args, OPTIONS, NAME);
  const [extra] = parsed.rest;
  if (extra === undefined) return parsed;
  throw new UsageError(`Cannot serve ${quote(extra)} too: expected one directory`);
}

function settingsFrom(parsed: ParsedOptions, directory: string): Settings {
  const { values, lists, flags, word = "." } = parsed;
  const root = resolve(directory, word);
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`Cannot serve ${quote(word)}: expected a directory`);
  }
  const proxies: readonly ProxySettings[] = (lists.get("proxy") ?? []).map(proxySettings);
  return {
    root,
    spa: flags.has("spa"),
    listing: flags.has("listing"),
    cors: flags.has("cors"),
    quiet: flags.has("quiet"),
    debug: flags.has("debug"),
    proxies,
    ...listenSettings(values.get("listen"), values.get("tls")),
  };
}

async function serve(settings: Settings, context: CommandContext): Promise<Ending> {
  const { reactor, writeOut, writeError } = context;
  const endpoint = await serveEndpoint(settings, context);
  const site = serveSite(settings, reactor, writeOut);
  beginLogging({ write: writeError, level: "warn" });
  const service = new WebService(endpoint, site, { name: "web", clock: reactor });
  service.told = (address) => {
    const where = urlsOf(address, settings.tls !== undefined).join("  ");
    writeError(`Serving ${settings.root} at ${where}\n`);
  };
  const { startFailure, stopFailure, signal } = await runApplication(service, { reactor });
  if (startFailure !== undefined) {
    writeError(reportError(startFailure, settings.debug));
    return { status: exitStatusOf(startFailure.value) };
  }
  return { status: stopFailure === undefined ? EXIT_STATUS.ok : EXIT_STATUS.software, signal };
}
