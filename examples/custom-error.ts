// Seed 004, sample 4: an error of one's own, told from others with `check`.
import { Deferred, type Failure } from "sennit/defer";
import { reactor } from "sennit/reactor";

class CustomError extends Error {
  override readonly name = "CustomError";
}

function handleCustomError(failure: Failure): void {
  if (failure.check(CustomError)) {
    console.log(`A custom error occurred: ${failure.getErrorMessage()}`);
  } else {
    console.log(`An unknown error occurred: ${failure.getTraceback()}`);
  }
}

for (const error of [new CustomError("A custom error occurred"), new RangeError("Another one")]) {
  const deferred = new Deferred<void>();
  void deferred.addErrback(handleCustomError);
  deferred.errback(error);
}
await reactor.run();
