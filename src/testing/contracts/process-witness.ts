/**
 * A process's protocol that sees everything, and knows what it must never see.
 *
 * Whatever a contract is about, it also checks the life of a process: `connectionMade` once and
 * first, nothing from a pipe after its end, the exit once, the end once and last, when the exit and
 * the end of every pipe have been told; and no call from inside another, or from inside a request.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import { ProcessProtocol } from "../../internet/process-protocol.ts";

/** See the top of this file. */
export class ProcessWitness extends ProcessProtocol {
  /** What it was told, in order: `made`, `lost 0`, `exited`, `ended`; data are not among it. */
  readonly told: string[] = [];
  /** What must not have happened. */
  readonly violations: string[] = [];
  /** Why each pipe was lost, by descriptor. */
  readonly lost: Map<number, Failure> = new Map();
  /** What came, by descriptor. */
  readonly #pieces = new Map<number, Buffer[]>();
  /** How much came, from all descriptors. */
  bytes = 0;
  /** How it exited. */
  exit: Failure | undefined;
  /** How it ended. */
  end: Failure | undefined;
  /** Called with each thing that it is told: those of `told`, and `data 1`. */
  onTold: ((what: string) => void) | undefined;
  #inside: string | undefined;

  /** What came from a descriptor, as text. */
  text(fd = 1): string {
    return Buffer.concat(this.#pieces.get(fd) ?? []).toString();
  }

  override connectionMade(): void {
    if (this.told.length > 0) this.violations.push("connectionMade is not the first");
    this.#tell("made");
  }

  override childDataReceived(fd: number, data: Buffer): void {
    if (this.lost.has(fd)) this.violations.push(`data from ${String(fd)} after its end`);
    const pieces = this.#pieces.get(fd) ?? [];
    pieces.push(data);
    this.#pieces.set(fd, pieces);
    this.bytes += data.length;
    this.#tell(`data ${String(fd)}`);
  }

  override childConnectionLost(fd: number, reason: Failure): void {
    if (this.lost.has(fd)) this.violations.push(`the end of ${String(fd)} came twice`);
    this.lost.set(fd, reason);
    super.childConnectionLost(fd, reason);
    this.#tell(`lost ${String(fd)}`);
  }

  override processExited(reason: Failure): void {
    if (this.exit !== undefined) this.violations.push("processExited came twice");
    this.exit = reason;
    this.#tell("exited");
  }

  override processEnded(reason: Failure): void {
    this.end = reason;
    this.#tell("ended");
  }

  /** Ask something of the transport; nothing may be told from inside. */
  request<Result>(what: string, f: () => Result): Result {
    const before = this.#inside;
    this.#inside = what;
    try {
      return f();
    } finally {
      this.#inside = before;
    }
  }

  #tell(what: string): void {
    if (this.#inside !== undefined)
      this.violations.push(`${what} came from inside ${this.#inside}`);
    if (this.told.includes("ended")) this.violations.push(`${what} came after processEnded`);
    const isData = what.startsWith("data");
    if (isData && !this.told.includes("made"))
      this.violations.push(`${what} before connectionMade`);
    if (!isData) this.told.push(what);
    this.request(what, () => this.onTold?.(what));
  }
}
