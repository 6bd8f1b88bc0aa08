/**
 * The client's side of a recording, played to a live server.
 *
 * @module
 */
import { Deferred } from "../defer/deferred.ts";
import { connectProtocol } from "../internet/endpoints/connect-protocol.ts";
import type { IStreamClientEndpoint } from "../internet/interfaces-factory.ts";
import type { IDelayedCall, IReactorTime } from "../internet/interfaces-reactor.ts";
import { Protocol } from "../internet/protocol.ts";
import { checkBeginning, UnplayableRecordingError } from "./unplayable-recording-error.ts";
import { type ClientScript, clientScriptOf } from "./wire/client-script.ts";
import type { Recording } from "./wire/recorded-event.ts";

/** Seconds without a byte of an answer that is waited for. */
const PATIENCE = 5;
/** Seconds for what nobody waits for: bytes behind the last answer. */
const SETTLING = 0.2;

/** Options of {@link replayAgainst}. */
export interface ReplayAgainstOptions {
  readonly reactor: IReactorTime;
  /** `real`: the client takes its time as it did. `fast`: it does not. Default: `fast`. */
  readonly speed?: "real" | "fast";
  /**
   * Seconds without a byte, where there should be an answer, after which it is taken as missing and
   * the client goes on. Default: 5.
   */
  readonly patience?: number;
}

/** Says what the client said, when it has heard as much as the client had. */
class Player extends Protocol {
  readonly over: Deferred<Buffer> = new Deferred<Buffer>(() => this.transport.abortConnection());
  readonly #script: ClientScript;
  readonly #options: Required<ReplayAgainstOptions>;
  readonly #answers: Buffer[] = [];
  #began = 0;
  #step = 0;
  #received = 0;
  /** Bytes that were waited for in vain. */
  #missing = 0;
  #alarm: IDelayedCall | undefined;

  constructor(script: ClientScript, options: Required<ReplayAgainstOptions>) {
    super();
    this.#script = script;
    this.#options = options;
  }

  override connectionMade(): void {
    this.#began = this.#options.reactor.seconds();
    this.#goOn();
  }

  override dataReceived(data: Buffer): void {
    this.#answers.push(data);
    this.#received += data.length;
    this.#goOn();
  }

  /** The server has ended its half: nothing more can come. */
  override connectionLost(): void {
    this.#cancel();
    if (!this.over.called) this.over.callback(Buffer.concat(this.#answers));
  }

  #goOn(): void {
    const { reactor, speed } = this.#options;
    this.#cancel();
    for (;;) {
      const step = this.#script.steps[this.#step];
      const wanted = step?.after ?? this.#script.answerBytes;
      if (this.#received + this.#missing < wanted) {
        this.#lookAgain(this.#options.patience, () => {
          this.#missing = wanted - this.#received;
          this.#goOn();
        });
        return;
      }
      if (step === undefined) break;
      const wait = this.#began + step.time - reactor.seconds();
      if (speed === "real" && wait > 0) {
        this.#lookAgain(wait, () => this.#goOn());
        return;
      }
      this.#step += 1;
      this.#take(step.action);
    }
    if (this.transport.disconnecting) return;
    const rest = this.#script.serverEnds ? this.#options.patience : SETTLING;
    this.#lookAgain(rest, () => this.transport.loseConnection());
  }

  #take(action: Buffer | "end" | "close"): void {
    if (action === "end") this.transport.loseWriteConnection();
    else if (action !== "close") this.transport.write(action);
    // At its close the client had what it wanted; what comes now is too much, and is looked for.
  }

  #lookAgain(seconds: number, f: () => void): void {
    this.#alarm = this.#options.reactor.callLater(seconds, f);
  }

  #cancel(): void {
    if (this.#alarm?.active === true) this.#alarm.cancel();
    this.#alarm = undefined;
  }
}

/**
 * Do to a server what the client of a recording did, whichever side was recorded: the same bytes,
 * each when as many bytes of answers have come as had come then. Compare what it returns with
 * `compareWithRecording`, in the direction of the answers: `out` of a recorded server, `in` of a
 * recorded client.
 *
 * @returns Fires with all that the server has said. Fails where `endpoint.connect` does. Cancel it
 * to give up.
 * @throws {UnplayableRecordingError} A ring has let go of the beginning, or TLS begins on the way:
 * an endpoint can speak TLS from the first byte only.
 *
 * @example
 * ```ts
 * import { Factory, IPv4Address, Protocol, TCP4ClientEndpoint } from "sennit/internet";
 * import { bytesOf, compareWithRecording, readRecording, replayAgainst } from "sennit/recorder";
 * import { NodeReactor } from "sennit/reactors";
 *
 * class Echo extends Protocol {
 *   override dataReceived(data: Buffer): void {
 *     this.transport.write(data);
 *   }
 * }
 * const recording = readRecording(
 *   '{"sennit-recording":1,"role":"server","place":"tcp:7","protocol":"Echo",' +
 *     '"host":"IPv4 127.0.0.1:7","peer":"IPv4 127.0.0.1:50000","tls":"none"}\n' +
 *     '{"t":0.5,"type":"in","text":"hello"}\n{"t":0.5,"type":"out","text":"hello"}\n',
 * );
 * await using reactor = new NodeReactor();
 * const options = { interface: "127.0.0.1" };
 * const port = await reactor.listenTCP(0, Factory.forProtocol(Echo), options).listening;
 * const address = port.getHost();
 * if (address instanceof IPv4Address) {
 *   const endpoint = new TCP4ClientEndpoint(reactor, address.host, address.port);
 *   const answers = await replayAgainst(recording, endpoint, { reactor });
 *   console.log(compareWithRecording(recording, "out", answers)); // undefined: the same
 *   console.log(answers.equals(bytesOf(recording, "out"))); // true
 * }
 * ```
 */
export function replayAgainst(
  recording: Recording,
  endpoint: IStreamClientEndpoint,
  { reactor, speed = "fast", patience = PATIENCE }: ReplayAgainstOptions,
): Deferred<Buffer> {
  checkBeginning(recording);
  if (recording.events.some(({ type }) => type === "start-tls")) {
    throw new UnplayableRecordingError(
      "Cannot replay a connection to a server: it goes on to TLS on the way",
    );
  }
  const player = new Player(clientScriptOf(recording), { reactor, speed, patience });
  return connectProtocol(endpoint, player).addCallback(() => player.over);
}
