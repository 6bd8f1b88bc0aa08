/**
 * A directory of certificates, one file for each, read again when asked to.
 *
 *     /etc/certificates/example.com.pem      key, certificate and chain, in any order
 *     /etc/certificates/*.example.org.pem    a wildcard; `_.example.org.pem` means the same
 *     /etc/certificates/DEFAULT.pem          for other names, and for clients that ask for none
 *
 * A certificate is served for the name of its file, and for the names in it that no file is called
 * after; of several files with one name in them, the certificate that is good for longest has it.
 * A file with another name than a server's (`all.pem`) is served for the names in it alone.
 *
 * After: the directories of txsni, and of `tls:` in serverFromString
 * (twisted.protocols._sni.PEMObjects). Differs: files are read when `reload()` is called, not when
 * an unknown name is asked for, and all or none of them take effect; each has its own key.
 *
 * @module
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { INSPECT } from "../../core/inspect.ts";
import { plural, quote } from "../../core/text.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { DeferredLock } from "../../defer/deferred-lock.ts";
import type { ITLSServerOptions, TLSSettings } from "../interfaces-tls.ts";
import { CertificateOptions, type ServerTLSPolicy } from "./certificate-options.ts";
import { CertificateDirectoryError, TLSHostnameError } from "./errors.ts";
import { parseNamePattern } from "./hostname.ts";
import { PrivateCertificate } from "./private-certificate.ts";
import { SNIMap } from "./sni-map.ts";

/** How a directory is read and served. */
export interface SNIDirectoryOptions extends ServerTLSPolicy {
  /** Of every key that is encrypted. */
  readonly passphrase?: string;
  /** A file with more bytes is an error. Default: 1,048,576; a long chain has 20,000. */
  readonly maxFileBytes?: number;
  /** More files are an error: each is read into memory. Default: 10,000. */
  readonly maxFiles?: number;
}

/** A file as it was when it was read. */
interface CertificateFile {
  readonly text: string;
  readonly options: CertificateOptions;
}

const MAX_FILE_BYTES = 1_048_576;
const MAX_FILES = 10_000;
const SUFFIX = ".pem";
const DEFAULT = "DEFAULT";

/**
 * The server's side of TLS with the certificates of a directory.
 *
 * Nothing watches the files: whoever renews them says so, for example with SIGHUP.
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { reactor } from "sennit/reactor";
 * import { selfSignedCertificate, SNIDirectory } from "sennit/tls";
 *
 * const path = mkdtempSync(join(tmpdir(), "certificates-"));
 * const certificate = await selfSignedCertificate({ names: ["example.com"] });
 * writeFileSync(join(path, "example.com.pem"), certificate.dumpPEM(), { mode: 0o600 });
 *
 * const options = await SNIDirectory.load(path);
 * console.log(options.names); // [ 'example.com' ]
 *
 * // `kill -HUP` after a renewal. What goes wrong is told, and the old certificates stay.
 * reactor.addSignalHandler("SIGHUP", () => {
 *   void options.reload().addErrback((failure) => console.error(failure.value));
 * });
 * rmSync(path, { recursive: true });
 * ```
 */
export class SNIDirectory implements ITLSServerOptions {
  readonly role = "server";
  /** Of the directory. */
  readonly path: string;
  readonly #options: SNIDirectoryOptions;
  readonly #map = new SNIMap();
  readonly #lock = new DeferredLock();
  #files: ReadonlyMap<string, CertificateFile> = new Map();

  /** Serves nothing before {@link SNIDirectory.reload}: better use {@link SNIDirectory.load}. */
  constructor(path: string, options: SNIDirectoryOptions = {}) {
    this.path = path;
    this.#options = options;
  }

  /**
   * Read a directory.
   *
   * @returns Fires with what serves it, or fails as {@link SNIDirectory.reload}.
   */
  static load(path: string, options: SNIDirectoryOptions = {}): Deferred<SNIDirectory> {
    const directory = new SNIDirectory(path, options);
    return directory.reload().addCallback(() => directory);
  }

  /**
   * Read the directory again. Either all of it is in force afterwards, or nothing has changed.
   * Connections that exist are not touched. Settings of files that are as before stay the same
   * objects, so that what a reactor has made of them is kept.
   *
   * May be called at any time: what is asked for meanwhile is done afterwards.
   *
   * @returns Fires when it is in force, or fails with a `CertificateDirectoryError` that has what
   * is the matter with each file: not readable, no certificate with its key, too large; or with the
   * directory itself: not there, empty, too many files.
   */
  reload(): Deferred<void> {
    return this.#lock.run(() => this.#reload());
  }

  async #reload(): Promise<void> {
    const files = await this.#readAll();
    const names = namesOf(files);
    const fallback = files.get(DEFAULT)?.options;
    this.#map.reload({
      names: Object.fromEntries(names),
      ...(fallback !== undefined && { default: fallback }),
    });
    this.#files = files;
  }

  async #readAll(): Promise<ReadonlyMap<string, CertificateFile>> {
    const files = new Map<string, CertificateFile>();
    const errors = new Map<string, Error>();
    for (const name of await this.#list()) {
      try {
        files.set(name, await this.#read(name));
      } catch (error) {
        errors.set(`${name}${SUFFIX}`, error instanceof Error ? error : new Error(String(error)));
      }
    }
    if (errors.size === 0) return files;
    const [[file, error] = ["", new Error("none")]] = errors;
    const more = errors.size === 1 ? "" : `, and ${plural(errors.size - 1, "more file")}`;
    throw this.#error(`${file}: ${error.message}${more}`, errors, error);
  }

  /** The names of the files without their suffix, sorted. */
  async #list(): Promise<readonly string[]> {
    const { maxFiles = MAX_FILES } = this.#options;
    let entries: readonly string[];
    try {
      entries = await readdir(this.path);
    } catch (error) {
      throw this.#error("expected a directory that can be read", new Map(), error);
    }
    const names = entries
      .filter((entry) => entry.endsWith(SUFFIX) && !entry.startsWith("."))
      .map((entry) => entry.slice(0, -SUFFIX.length));
    if (names.length === 0)
      throw this.#error(`expected files <name>${SUFFIX}, got none`, new Map());
    if (names.length <= maxFiles) return names.toSorted();
    const found = String(names.length);
    throw this.#error(`expected at most ${String(maxFiles)} files, got ${found}`, new Map());
  }

  async #read(name: string): Promise<CertificateFile> {
    const { maxFileBytes = MAX_FILE_BYTES, passphrase, ...policy } = this.#options;
    const path = join(this.path, `${name}${SUFFIX}`);
    const { size } = await regularFile(path);
    if (size > maxFileBytes) {
      throw new RangeError(`expected at most ${String(maxFileBytes)} bytes, got ${String(size)}`);
    }
    const text = await readFile(path, "latin1");
    const known = this.#files.get(name);
    if (known?.text === text) return known;
    const loaded = PrivateCertificate.loadPEM(text, passphrase === undefined ? {} : { passphrase });
    const { certificate, chain: extraCertChain } = loaded;
    const content = { ...policy, privateKey: loaded, certificate, extraCertChain };
    return { text, options: new CertificateOptions(content) };
  }

  #error(
    problem: string,
    files: ReadonlyMap<string, Error>,
    cause?: unknown,
  ): CertificateDirectoryError {
    const message = `Cannot read certificates in ${quote(this.path)}: ${problem}`;
    const options = cause === undefined ? {} : { cause };
    return new CertificateDirectoryError(message, this.path, files, options);
  }

  /** The names that are served, in the form in which they are compared. */
  get names(): readonly string[] {
    return this.#map.names;
  }

  settingsFor(serverName: string): TLSSettings | undefined {
    return this.#map.settingsFor(serverName);
  }

  /** `SNIDirectory("/etc/certificates", 2 files)`. */
  toString(): string {
    return `SNIDirectory(${quote(this.path)}, ${plural(this.#files.size, "file")})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/** A device, or a pipe that nobody writes to, would never be read to its end. */
async function regularFile(path: string): Promise<{ readonly size: number }> {
  const status = await stat(path);
  if (!status.isFile()) throw new TypeError("expected a file");
  return status;
}

/** Which certificate is for which name: files first, then the names in them. */
function namesOf(
  files: ReadonlyMap<string, CertificateFile>,
): ReadonlyMap<string, CertificateOptions> {
  const names = new Map<string, CertificateOptions>();
  for (const [file, { options }] of files) {
    const pattern = patternOf(file.replace(/^_\./u, "*."));
    if (pattern !== undefined && file !== DEFAULT) names.set(pattern, options);
  }
  const named = new Set(names.keys());
  for (const { options } of files.values()) {
    for (const name of options.certificate.names) {
      const pattern = patternOf(name);
      if (pattern === undefined || named.has(pattern)) continue;
      const rival = names.get(pattern);
      if (rival === undefined || isGoodForLonger(options, rival)) names.set(pattern, options);
    }
  }
  return names;
}

/** `undefined` for an address, and for what is no name of a server. */
function patternOf(name: string): string | undefined {
  try {
    return parseNamePattern(name);
  } catch (error) {
    if (error instanceof TLSHostnameError) return undefined;
    throw error;
  }
}

function isGoodForLonger(one: CertificateOptions, other: CertificateOptions): boolean {
  return one.certificate.notAfter > other.certificate.notAfter;
}
