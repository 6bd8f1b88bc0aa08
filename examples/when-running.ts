// Seed 000, sample 3: call a function when the reactor has started.
import { reactor } from "sennit/reactor";

function handleEvent(event: string): void {
  console.log(`Handling event: ${event}`);
}

reactor.callWhenRunning(handleEvent, "Started event loop");
await reactor.run();
