/**
 * The system's resolver, with a system that does as the test says, and in virtual time. The real
 * one is tried in `test/conformance` and `test/interop`.
 */
import { nextTick } from "node:process";
import { assert, describe, it } from "vitest";
import type { Failure } from "../../defer/failure.ts";
import { DNSLookupError, UnknownHostError } from "../../internet/errors.ts";
import type {
  IHostResolution,
  IResolutionReceiver,
  ResolveHostNameOptions,
} from "../../internet/interfaces-resolver.ts";
import { MemoryReactor } from "../memory/memory-reactor.ts";
import type { LookupAnswer, LookupFunction } from "./lookups.ts";
import { NodeNameResolver, type NodeNameResolverOptions } from "./name-resolver.ts";

/** Writes down what it is told. */
class Diary implements IResolutionReceiver {
  readonly told: string[] = [];
  reason: Failure | undefined;

  resolutionBegan(resolution: IHostResolution): void {
    this.told.push(`began ${resolution.name}`);
  }

  addressResolved(address: { toString(): string }): void {
    this.told.push(address.toString());
  }

  resolutionComplete(reason?: Failure): void {
    this.told.push("complete");
    this.reason = reason;
  }
}

/** A question that the system was asked. */
interface Question {
  readonly name: string;
  readonly family: 0 | 4 | 6;
  readonly answer: LookupAnswer;
}

/** The system, the reactor and the resolver of one test. */
class World {
  readonly reactor = new MemoryReactor();
  readonly questions: Question[] = [];
  readonly resolver: NodeNameResolver;

  constructor(options: NodeNameResolverOptions = {}) {
    const lookup: LookupFunction = (name, { family }, answer) => {
      this.questions.push({ name, family, answer });
    };
    this.resolver = new NodeNameResolver(this.reactor, { concurrent: 2, lookup, ...options });
  }

  get asked(): readonly string[] {
    return this.questions.map(({ name, family }) => `${name} ${String(family)}`);
  }

  resolve(name: string, options?: ResolveHostNameOptions): [Diary, IHostResolution] {
    const diary = new Diary();
    return [diary, this.resolver.resolveHostName(diary, name, options)];
  }

  /** Answer the question at that place, and let that be told. */
  async answer(at: number, ...addresses: readonly string[]): Promise<void> {
    this.questions[at]?.answer(
      null,
      addresses.map((address) => ({ address })),
    );
    await this.turn();
  }

  async refuse(at: number, code: string): Promise<void> {
    const error = Object.assign(new Error(`getaddrinfo ${code} a`), { code });
    this.questions[at]?.answer(error);
    await this.turn();
  }

  async turn(): Promise<void> {
    await new Promise<void>((done) => nextTick(done));
    this.reactor.flush();
  }
}

describe("NodeNameResolver: answers", () => {
  it("tells all addresses in the system's order, with port and type", async () => {
    const world = new World();
    const options = { portNumber: 53, transportSemantics: "UDP" } as const;
    const [diary] = world.resolve("example.com", options);
    assert.deepEqual(diary.told, ["began example.com"]);
    await world.answer(0, "192.0.2.1", "fe80::1%eth0", "192.0.2.2");
    const addresses = ["192.0.2.1:53", "[fe80::1%eth0]:53", "192.0.2.2:53"];
    assert.deepEqual(diary.told, ["began example.com", ...addresses, "complete"]);
    assert.isUndefined(diary.reason);
    assert.isEmpty(world.reactor.getDelayedCalls());
  });

  it("asks for the family that is wanted, and tells no other", async () => {
    const world = new World({ concurrent: 9 });
    world.resolve("a", { addressTypes: ["IPv4"] });
    world.resolve("a", { addressTypes: ["IPv6"] });
    world.resolve("a", { addressTypes: ["IPv6", "IPv4"] });
    const [none] = world.resolve("b", { addressTypes: [] });
    assert.deepEqual(world.asked, ["a 4", "a 6", "a 0", "b 0"]);
    await world.answer(3, "192.0.2.1");
    assert.deepEqual(none.told, ["began b", "complete"]);
  });

  it("answers for addresses itself, in a later turn", async () => {
    const world = new World();
    const [diary] = world.resolve("fe80::1%eth0", { portNumber: 80 });
    assert.deepEqual(diary.told, ["began fe80::1%eth0"]);
    await world.turn();
    assert.deepEqual(diary.told, ["began fe80::1%eth0", "[fe80::1%eth0]:80", "complete"]);
    const [other] = world.resolve("::1", { addressTypes: ["IPv4"] });
    await world.turn();
    assert.deepEqual(other.told, ["began ::1", "complete"]);
    assert.isDefined(other.reason?.check(UnknownHostError));
    assert.isEmpty(world.questions);
  });

  const refusals: readonly [string, typeof UnknownHostError | typeof DNSLookupError][] = [
    ["ENOTFOUND", UnknownHostError],
    ["ENODATA", UnknownHostError],
    ["EAI_AGAIN", DNSLookupError],
    ["EAI_FAIL", DNSLookupError],
    ["EMFILE", DNSLookupError],
    ["EINVAL", DNSLookupError],
  ];
  for (const [code, expected] of refusals) {
    it(`${code} is ${expected.name}, with the system's error as the cause`, async () => {
      const world = new World();
      const [diary] = world.resolve("a");
      await world.refuse(0, code);
      assert.deepEqual(diary.told, ["began a", "complete"]);
      const error = diary.reason?.value;
      assert.strictEqual(error?.constructor, expected);
      assert.equal(error?.message, `Cannot resolve "a": getaddrinfo ${code} a`);
      assert.propertyVal(error?.cause, "code", code);
    });
  }

  it("does not ask for what is no name: empty, with a NUL, too long", async () => {
    const world = new World();
    const long = "x".repeat(254);
    for (const name of ["", "127.0.0.1\0.example.com", long]) {
      const [diary] = world.resolve(name);
      assert.deepEqual(diary.told, [`began ${name}`]);
      await world.turn();
      assert.isDefined(diary.reason?.check(UnknownHostError));
    }
    assert.isEmpty(world.questions);
  });

  it("no address at all is UnknownHostError", async () => {
    const world = new World();
    const [diary] = world.resolve("a");
    await world.answer(0);
    assert.isDefined(diary.reason?.check(UnknownHostError));
  });
});

describe("NodeNameResolver: a system that does not answer", () => {
  it("is given up at the deadline, 60 seconds unless told otherwise", async () => {
    for (const [options, seconds] of [
      [{}, 60],
      [{ timeout: 5 }, 5],
    ] as const) {
      const world = new World(options);
      const [diary] = world.resolve("a");
      world.reactor.advance(seconds - 0.01);
      assert.deepEqual(diary.told, ["began a"]);
      world.reactor.advance(0.01);
      assert.deepEqual(diary.told, ["began a", "complete"]);
      const error = diary.reason?.value;
      assert.instanceOf(error, DNSLookupError);
      assert.equal(error.message, `Cannot resolve "a": no answer within ${seconds} seconds`);
      await world.answer(0, "192.0.2.1");
      assert.equal(diary.told.length, 2);
    }
  });

  it("is asked few names at once; the others wait, and their deadline runs", async () => {
    const world = new World({ timeout: 10 });
    for (const name of ["a", "b", "c", "d"]) world.resolve(name);
    const [fifth] = world.resolve("e");
    assert.deepEqual(world.asked, ["a 0", "b 0"]);
    await world.answer(1, "192.0.2.1");
    assert.deepEqual(world.asked, ["a 0", "b 0", "c 0"]);
    world.reactor.advance(10);
    assert.deepEqual(fifth.told, ["began e", "complete"]);
  });

  it("is not asked any more for what nobody wants: an outage leaves no queue", async () => {
    const world = new World();
    const [, first] = world.resolve("a");
    const waiting = ["b", "c", "d"].map((name) => world.resolve(name)[1]);
    world.resolve("e");
    for (const resolution of [first, ...waiting]) resolution.cancel();
    assert.deepEqual(world.asked, ["a 0", "b 0"]);
    await world.answer(0);
    assert.deepEqual(world.asked, ["a 0", "b 0", "e 0"]);
  });

  it("is asked once for one name, and everybody is told", async () => {
    const world = new World();
    const [one] = world.resolve("a", { portNumber: 1 });
    const [two, second] = world.resolve("a", { portNumber: 2 });
    const [three] = world.resolve("a", { portNumber: 3 });
    world.resolve("a", { addressTypes: ["IPv4"] });
    second.cancel();
    assert.deepEqual(world.asked, ["a 0", "a 4"]);
    await world.answer(0, "192.0.2.1");
    assert.deepEqual(one.told, ["began a", "192.0.2.1:1", "complete"]);
    assert.deepEqual(two.told, ["began a"]);
    assert.deepEqual(three.told, ["began a", "192.0.2.1:3", "complete"]);
    world.resolve("a");
    assert.deepEqual(world.asked, ["a 0", "a 4", "a 0"], "an answer is not kept");
  });

  it("joined by later askers takes one place, however often it is given up", async () => {
    const world = new World({ timeout: 1 });
    world.resolve("hangs");
    world.reactor.advance(1);
    for (let times = 0; times < 5; times += 1) {
      world.resolve("hangs");
      world.reactor.advance(1);
    }
    const [diary] = world.resolve("works");
    assert.deepEqual(world.asked, ["hangs 0", "works 0"]);
    await world.answer(1, "192.0.2.1");
    assert.deepEqual(diary.told, ["began works", "192.0.2.1:0", "complete"]);
  });

  it("has so many waiting and no more", async () => {
    const world = new World({ maxWaiting: 2 });
    for (const name of ["a", "b", "c", "d"]) world.resolve(name);
    const [diary] = world.resolve("e");
    await world.turn();
    const error = diary.reason?.value;
    assert.instanceOf(error, DNSLookupError);
    assert.equal(error.message, 'Cannot resolve "e": 2 names wait for their turn');
  });
});

describe("NodeNameResolver: ends", () => {
  it("cancelled at any time, tells nothing more", async () => {
    const world = new World();
    const [before, asked] = world.resolve("a");
    const [literal, address] = world.resolve("::1");
    const [bad, empty] = world.resolve("");
    for (const resolution of [asked, address, empty]) resolution.cancel();
    await world.answer(0, "192.0.2.1");
    assert.deepEqual(
      [before.told, literal.told, bad.told],
      [["began a"], ["began ::1"], ["began "]],
    );
    assert.isEmpty(world.reactor.getDelayedCalls());
    asked.cancel();
  });

  it("cancelled from inside resolutionBegan, asks nobody", async () => {
    const world = new World();
    const diary = new Diary();
    diary.resolutionBegan = (resolution) => resolution.cancel();
    world.resolver.resolveHostName(diary, "a");
    await world.turn();
    assert.deepEqual([diary.told, world.questions], [[], []]);
    assert.isEmpty(world.reactor.getDelayedCalls());
  });

  it("cancelled from inside addressResolved, tells no other", async () => {
    const world = new World();
    const diary = new Diary();
    const resolution = world.resolver.resolveHostName(diary, "a");
    diary.addressResolved = () => {
      diary.told.push("address");
      resolution.cancel();
    };
    await world.answer(0, "192.0.2.1", "192.0.2.2");
    assert.deepEqual(diary.told, ["began a", "address"]);
  });

  it("with the reactor: who waits is told", async () => {
    const world = new World();
    const diaries = ["a", "b", "c", "::1", ""].map((name) => world.resolve(name)[0]);
    const disposed = world.reactor[Symbol.asyncDispose]();
    world.reactor.flush();
    await disposed;
    for (const diary of diaries) {
      assert.equal(diary.told.length, 2);
      const error = diary.reason?.value;
      assert.instanceOf(error, DNSLookupError);
      assert.include(error.message, "Reactor was disposed of");
    }
    await world.answer(0, "192.0.2.1");
    assert.equal(diaries[0]?.told.length, 2);
  });

  it("refuses a timeout that is none", () => {
    assert.throws(() => new World({ timeout: -1 }), RangeError);
    assert.throws(() => new World({ timeout: Number.NaN }), RangeError);
  });
});

describe("NodeNameResolver: other people's lookup", () => {
  const cases: readonly [string, LookupFunction, readonly string[]][] = [
    ["answers at once", (_n, _o, answer) => answer(null, [{ address: "::1" }]), ["[::1]:0"]],
    [
      "answers twice",
      (_n, _o, answer) => {
        answer(null, [{ address: "::1" }]);
        answer(new Error("again"));
      },
      ["[::1]:0"],
    ],
    [
      "throws",
      () => {
        throw new Error("boom");
      },
      [],
    ],
    ["gives no list", (_n, _o, answer) => answer(null), []],
    ["gives no addresses", (_n, _o, answer) => answer(null, [{ address: "nonsense" }]), []],
  ];
  for (const [what, lookup, addresses] of cases) {
    it(`that ${what} does no harm, in a later turn`, async () => {
      const world = new World({ lookup });
      const [diary] = world.resolve("a");
      assert.deepEqual(diary.told, ["began a"]);
      await world.turn();
      assert.deepEqual(diary.told, ["began a", ...addresses, "complete"]);
      assert.equal(diary.reason === undefined, addresses.length > 0);
      const [next] = world.resolve("b");
      await world.turn();
      assert.deepEqual(next.told, ["began b", ...addresses, "complete"]);
    });
  }
});
