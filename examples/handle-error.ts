// Seed 004, sample 3: a Deferred whose error is handled.
import { Deferred, type Failure } from "sennit/defer";
import { reactor } from "sennit/reactor";

function handleError(failure: Failure): void {
  console.log(`An error occurred: ${failure.getTraceback()}`);
}

const deferred = new Deferred<void>();
void deferred.addErrback(handleError);

// Stands for something that goes wrong.
deferred.errback(new Error("An error occurred"));
await reactor.run();
