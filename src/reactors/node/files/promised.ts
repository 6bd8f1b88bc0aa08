/**
 * Node's callbacks as promises. `util.promisify` costs more, and knows less of types.
 *
 * @module
 */

/** What is told how it went, with a result. */
export type ResultCallback<T> = (error: NodeJS.ErrnoException | null, result: T) => void;
/** What is told how it went. */
export type EndCallback = (error?: NodeJS.ErrnoException | null) => void;

/** Begin something that gives a result. */
export function promised<T>(begin: (callback: ResultCallback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    begin((error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}

/** Begin something that just ends. */
export function promisedEnd(begin: (callback: EndCallback) => void): Promise<void> {
  return promised((callback) => {
    begin((error) => callback(error ?? null, undefined));
  });
}
