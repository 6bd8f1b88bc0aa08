// Seed 001, sample 12: BinaryEchoProtocol, of which the article has the first line only.
import { Factory } from "sennit/internet";
import { LineReceiver } from "sennit/protocols";
import { reactor } from "sennit/reactor";

/**
 * A line says how many bytes follow, whatever they are; they are sent back behind the same line.
 */
class BinaryEchoProtocol extends LineReceiver {
  #bytesLeft = 0;

  override lineReceived(line: Buffer): void {
    const bytes = Number(line.toString());
    if (!Number.isSafeInteger(bytes) || bytes <= 0) return;
    this.#bytesLeft = bytes;
    this.sendLine(line);
    this.setRawMode();
  }

  override rawDataReceived(data: Buffer): void {
    const mine = data.subarray(0, this.#bytesLeft);
    this.#bytesLeft -= mine.length;
    this.transport.write(mine);
    if (this.#bytesLeft === 0) this.setLineMode(data.subarray(mine.length));
  }
}

const factory = Factory.forProtocol(BinaryEchoProtocol);
const port = reactor.listenTCP(Number(process.argv[2] ?? 1234), factory);
await port.listening;
console.log(`Listening on ${String(port.getHost())}`);
await reactor.run();
