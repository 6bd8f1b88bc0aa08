// Seed 001, sample 3: a Deferred with a callback and an errback, fired a second later.
import { Deferred, type Failure } from "sennit/defer";
import { reactor } from "sennit/reactor";

function succeeded(result: string): void {
  console.log(`Operation completed successfully: ${result}`);
}

function failed(failure: Failure): void {
  console.log(`Operation failed: ${failure.getErrorMessage()}`);
}

const d = new Deferred<string>();
void d.addCallback(succeeded).addErrback(failed);

// Stands for something that takes time.
reactor.callLater(Number(process.argv[2] ?? 1), () => d.callback("Operation Result"));
await reactor.run();
