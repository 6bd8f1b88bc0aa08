// Seed 004, sample 2: print the time, each second.
import type { IReactorTime } from "sennit/internet";
import { reactor } from "sennit/reactor";

const seconds = Number(process.argv[2] ?? 1);

function printTime(clock: IReactorTime): void {
  console.log(`Current time: ${new Date().toISOString()}`);
  clock.callLater(seconds, printTime, clock);
}

reactor.callLater(seconds, printTime, reactor);
await reactor.run();
