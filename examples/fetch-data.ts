// Seed 002, sample 4: a function that returns a Deferred of what it fetches.
import { Deferred } from "sennit/defer";
import { reactor } from "sennit/reactor";

const seconds = Number(process.argv[2] ?? 2);

function fetchData(): Deferred<string> {
  const deferred = new Deferred<string>();

  function gotData(data: string): void {
    console.log(`Data received: ${data}`);
    deferred.callback(data);
  }

  // The sample has a `failed` too, which nothing calls: somebody who fetches would.
  reactor.callLater(seconds, gotData, "Hello World");
  return deferred;
}

async function main(): Promise<void> {
  void fetchData()
    .addCallback((data) => {
      console.log(data);
    })
    .addErrback((failure) => {
      console.log(String(failure));
    });
  await reactor.run();
}

await main();
