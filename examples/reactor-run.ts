// Seed 002, sample 2: a reactor with nothing to do, until Ctrl+C.
import { reactor } from "sennit/reactor";

await reactor.run();
