/**
 * Lines from text that arrives in pieces.
 *
 * @module
 */

/** Ours: an event is far smaller; a file without line ends must not fill the memory. */
const LINE_CHARACTERS_MAX = 16 * 1024 * 1024;

/** Cuts text into lines; a line that is too long comes out as its beginning. */
export class LineCutter {
  readonly #charactersMax: number;
  #rest = "";
  #isSkipping = false;

  constructor(charactersMax: number = LINE_CHARACTERS_MAX) {
    this.#charactersMax = charactersMax;
  }

  /** Take a piece. @returns The lines that it completes, without their ends. */
  push(text: string): readonly string[] {
    const [first = "", ...others] = text.split("\n");
    this.#extend(first);
    const lines: string[] = [];
    for (const next of others) {
      lines.push(this.#rest);
      this.#rest = "";
      this.#isSkipping = false;
      this.#extend(next);
    }
    return lines;
  }

  /** The line that has no end. Empty when there is none. */
  end(): string {
    return this.#rest;
  }

  #extend(text: string): void {
    if (this.#isSkipping) return;
    this.#rest += text;
    this.#isSkipping = this.#rest.length > this.#charactersMax;
    if (this.#isSkipping) this.#rest = this.#rest.slice(0, this.#charactersMax);
  }
}
