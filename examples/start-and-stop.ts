// Seed 002, sample 3: print when the reactor has started, and stop it five seconds later.
import { reactor } from "sennit/reactor";

function printEvent(event: string): void {
  console.log(`Event received: ${event}`);
}

async function main(): Promise<void> {
  reactor.callLater(Number(process.argv[2] ?? 5), () => reactor.stop());
  reactor.callWhenRunning(printEvent, "Started event loop");
  await reactor.run();
}

await main();
