// Seed 000, sample 4: print, three seconds later.
import { reactor } from "sennit/reactor";

function delayedPrint(): void {
  console.log("Delayed print");
}

reactor.callLater(Number(process.argv[2] ?? 3), delayedPrint);
await reactor.run();
