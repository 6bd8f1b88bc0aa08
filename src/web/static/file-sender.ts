/**
 * Bytes from a file into an answer, at the pace of the disk or of the client, whichever is slower.
 *
 *     file ─▶ [one chunk, read ahead] ─▶ request ─▶ transport (pauses us above its mark)
 *      ▲                                                │
 *      └──────────── a chunk that is free ◀─────────────┘ (resumes us when all is sent)
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import type { IOpenFile } from "../../internet/interfaces-files.ts";
import type { IPushProducer } from "../../internet/interfaces-transport.ts";
import { Logger } from "../../logger/logger.ts";
import type { Request } from "../server/request.ts";
import { CHUNK, CHUNKS_KEPT, type ChunkPool } from "./chunk-pool.ts";
import type { BodyPart, FileBody } from "./file-body.ts";

const log = new Logger({ namespace: "sennit.web" });

/** Node cuts so small buffers from a larger one. */
const SMALL = 4096;

/** What is sent, from where to whom. */
export interface Sending {
  readonly request: Request;
  readonly file: IOpenFile;
  readonly body: FileBody;
  readonly pool: ChunkPool;
}

/**
 * Send a body, and finish the answer. From the call on the file is this function's, and is closed
 * whatever happens.
 *
 * @returns Settles when the first chunk is on its way; the rest follows by itself. If that cannot
 * be read, nothing was sent and it rejects; what goes wrong later is logged, and cuts the answer
 * off.
 */
export async function sendFile(sending: Sending): Promise<void> {
  await new FileSender(sending).start();
}

/** A stretch of the file, and the text that goes before it. */
interface Piece {
  readonly before: string;
  readonly bytes: Buffer;
  /** Where the bytes are, if it is to be given back. */
  readonly chunk: Buffer | undefined;
}

const NOTHING: Piece = { before: "", bytes: Buffer.alloc(0), chunk: undefined };

class FileSender implements IPushProducer {
  readonly #request: Request;
  readonly #file: IOpenFile;
  readonly #pool: ChunkPool;
  /** Those that were not begun. */
  readonly #parts: BodyPart[];
  readonly #after: string;
  /** Of the part that is being read. */
  #position = 0;
  #end = 0;
  /** What was read and not written. */
  #ahead: Piece | undefined;
  /** What was written, and may not be sent yet. */
  #written: Buffer[] = [];
  #reading = false;
  #paused = false;
  #stopped = false;

  constructor({ request, file, body, pool }: Sending) {
    this.#request = request;
    this.#file = file;
    this.#pool = pool;
    this.#parts = [...body.parts];
    this.#after = body.after;
  }

  async start(): Promise<void> {
    const piece = this.#hasMore ? await this.#readFirst() : NOTHING;
    if (!this.#hasMore && piece.before + this.#after === "") {
      this.#sendWhole(piece);
      return;
    }
    this.#ahead = piece;
    this.#request.registerProducer(this, true);
    this.#pump();
  }

  async #readFirst(): Promise<Piece> {
    try {
      return await this.#read();
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  #sendWhole(piece: Piece): void {
    this.#close();
    this.#request.finishWith(piece.bytes);
    this.#noteWritten(piece);
    this.#giveBackLater();
  }

  // -- For the request

  pauseProducing(): void {
    this.#paused = true;
  }

  resumeProducing(): void {
    this.#paused = false;
    this.#giveBack();
    this.#pump();
  }

  stopProducing(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#ahead = undefined;
    // A descriptor that is closed during a read may be another file's before the read ends.
    if (!this.#reading) this.#close();
  }

  // -- Inside

  get #hasMore(): boolean {
    return this.#position < this.#end || this.#parts.length > 0;
  }

  /** Write what was read, and read on while it is on its way. */
  #pump(): void {
    const piece = this.#ahead;
    if (piece === undefined || this.#paused || this.#stopped) return;
    this.#ahead = undefined;
    this.#noteWritten(piece);
    if (piece.before !== "") this.#request.write(piece.before);
    this.#request.write(piece.bytes);
    if (this.#hasMore) void this.#readOn();
    else this.#finish();
  }

  async #readOn(): Promise<void> {
    this.#reading = true;
    try {
      const piece = await this.#read();
      this.#reading = false;
      if (this.#stopped) this.#close();
      else {
        this.#ahead = piece;
        this.#pump();
      }
    } catch (error) {
      this.#reading = false;
      this.#failed(error);
    }
  }

  async #read(): Promise<Piece> {
    const before = this.#position === this.#end ? this.#nextPart() : "";
    const size = Math.min(CHUNK, this.#end - this.#position);
    const chunk = this.#canReuse && size > SMALL ? this.#pool.take() : undefined;
    const into = chunk?.subarray(0, size) ?? Buffer.allocUnsafe(size);
    await this.#fill(into);
    return { before, bytes: into, chunk };
  }

  /** A system may read less at a time: over a network, say. */
  async #fill(into: Buffer): Promise<void> {
    for (let filled = 0; filled < into.length; ) {
      const rest = filled === 0 ? into : into.subarray(filled);
      const count = await this.#file.read(rest, this.#position);
      if (count === 0) {
        const [at, end] = [String(this.#position), String(this.#end)];
        throw new Error(`Cannot read a file up to byte ${end}: it ends at byte ${at} now`);
      }
      filled += count;
      this.#position += count;
    }
  }

  #nextPart(): string {
    const { before, position, end } = this.#parts.shift() ?? { before: "", position: 0, end: 0 };
    this.#position = position;
    this.#end = end;
    return before;
  }

  #finish(): void {
    this.#stopped = true;
    this.#close();
    this.#request.unregisterProducer();
    if (this.#after !== "") this.#request.write(this.#after);
    this.#request.finish();
    this.#giveBackLater();
  }

  #failed(error: unknown): void {
    const request = this.#request;
    this.#close();
    if (this.#stopped) return; // Nobody waits for it.
    this.#stopped = true;
    log.failure("{request}: cannot read the file; the answer is cut off", Failure.of(error), {
      request,
    });
    request.unregisterProducer();
    request.loseConnection();
  }

  #close(): void {
    closeFile(this.#file);
  }

  // -- Chunks. Where the client has gone they are left to the collector: who knows who holds them.

  get #canReuse(): boolean {
    return this.#request.channel.returnsBytes === true;
  }

  #noteWritten({ chunk }: Piece): void {
    if (chunk === undefined) return;
    this.#written.push(chunk);
    // A consumer that takes so much before it pauses us has more than a pool would keep.
    if (this.#written.length > CHUNKS_KEPT) this.#written.shift();
  }

  /** All that was written is sent. */
  #giveBack(): void {
    for (const chunk of this.#written.splice(0)) this.#pool.give(chunk);
  }

  #giveBackLater(): void {
    if (this.#written.length === 0) return;
    void this.#request.channel.drained().addCallbacks(
      () => this.#giveBack(),
      () => undefined,
    );
  }
}

/** Without waiting for it. */
export function closeFile(file: IOpenFile): void {
  file.close().then(undefined, (error: unknown) => {
    log.failure("Cannot close a file", Failure.of(error));
  });
}
