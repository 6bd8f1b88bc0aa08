/**
 * Protocols of lines, for what is glued to a command.
 *
 * @module
 */
import type { IUnprocessedBytes } from "../../internet/interfaces-tls.ts";
import { type TLSHooks, TLSWitness } from "./tls-witness.ts";

/** Reads lines, as long as nobody asks for what is left. */
class Lines extends TLSWitness {
  readonly lines: string[] = [];
  #rest = "";

  constructor(line: (lines: Lines, text: string) => void, hooks: TLSHooks = {}) {
    super({
      ...hooks,
      data: (one, data) => {
        if (one instanceof Lines) one.#read(data, line);
      },
    });
  }

  #read(data: Buffer, line: (lines: Lines, text: string) => void): void {
    this.#rest += data.toString("latin1");
    for (let at = this.#rest.indexOf("\n"); at >= 0; at = this.#rest.indexOf("\n")) {
      const text = this.#rest.slice(0, at);
      this.#rest = this.#rest.slice(at + 1);
      this.lines.push(text);
      line(this, text);
    }
  }

  protected take(): Buffer {
    const rest = Buffer.from(this.#rest, "latin1");
    this.#rest = "";
    return rest;
  }
}

/** The same, and it says what is left: as a `LineReceiver`. */
export class KeepingLines extends Lines implements IUnprocessedBytes {
  clearLineBuffer(): Uint8Array {
    return this.take();
  }
}
