/**
 * What goes on meanwhile, on standard error: one line that is rewritten on a terminal.
 *
 * @module
 */

/**
 * Say what is being done now. A text that ends with a line feed stays.
 *
 * @param {string} text
 */
export function note(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
  else process.stderr.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Wipe the line. */
export function doneNoting() {
  if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
}
