// Seed 000, sample 1: print an event, five seconds later.
import { reactor } from "sennit/reactor";

const seconds = Number(process.argv[2] ?? 5);

function printEvent(event: string): void {
  console.log(`Received event: ${event}`);
}

reactor.callLater(seconds, printEvent, "Five seconds elapsed");
await reactor.run();
