// Seed 003, sample 2: print the name of the reactor's class, to see that all is installed.
import { reactor } from "sennit/reactor";

console.log(reactor.constructor.name);
