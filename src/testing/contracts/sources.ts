/**
 * Producers that write down what their consumer asks of them.
 *
 * @module
 */
import type {
  IPullProducer,
  IPushProducer,
  IStreamTransport,
} from "../../internet/interfaces-transport.ts";

/** What a producer does besides writing down. */
export interface SourceHooks {
  readonly pause?: () => void;
  readonly resume?: () => void;
  readonly stop?: () => void;
}

/** A producer of either kind: a pull producer is never asked to pause. */
export class Source implements IPushProducer, IPullProducer {
  /** `pause`, `resume` and `stop`, in order. */
  readonly asked: ("pause" | "resume" | "stop")[] = [];
  readonly #hooks: SourceHooks;

  constructor(hooks: SourceHooks = {}) {
    this.#hooks = hooks;
  }

  /** How often it was asked that. */
  count(what: "pause" | "resume" | "stop"): number {
    return this.asked.filter((one) => one === what).length;
  }

  pauseProducing(): void {
    this.asked.push("pause");
    this.#hooks.pause?.();
  }

  resumeProducing(): void {
    this.asked.push("resume");
    this.#hooks.resume?.();
  }

  stopProducing(): void {
    this.asked.push("stop");
    this.#hooks.stop?.();
  }
}

const CHUNK_BYTES = 16_384;

/** A push producer that writes as fast as its transport lets it. */
export class Faucet extends Source {
  /** The most that its transport held. */
  most = 0;
  readonly #transport: IStreamTransport;
  #left: number;
  #isPaused = false;

  /** @param bytes When they are written, it unregisters itself and closes. Default: no end. */
  constructor(transport: IStreamTransport, bytes = Number.POSITIVE_INFINITY) {
    super();
    this.#transport = transport;
    this.#left = bytes;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Register, and begin. */
  open(): void {
    this.#transport.registerProducer(this, true);
    this.#flow();
  }

  override pauseProducing(): void {
    super.pauseProducing();
    this.#isPaused = true;
  }

  override resumeProducing(): void {
    super.resumeProducing();
    this.#isPaused = false;
    this.#flow();
  }

  override stopProducing(): void {
    super.stopProducing();
    this.#isPaused = true;
  }

  #flow(): void {
    while (!this.#isPaused && this.#left > 0) {
      const bytes = Math.min(CHUNK_BYTES, this.#left);
      this.#left -= bytes;
      this.#transport.write(Buffer.alloc(bytes, "drop "));
      this.most = Math.max(this.most, this.#transport.bufferedBytes);
    }
    if (this.#left > 0) return;
    this.#transport.unregisterProducer();
    this.#transport.loseConnection();
  }
}
