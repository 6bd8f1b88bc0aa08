/**
 * A thousand people in one room: a third of them is reset at random moments, a third is silent, and
 * every other one hears everything that is said, in order, once. When all have gone, so has the
 * memory that they took.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { assert, describe, it, type TestContext } from "vitest";
import { Member, seededRandom, shuffled } from "./fixtures/townhall/crowd.ts";
import { type OpenTownhall, openTownhall } from "./fixtures/townhall/open-townhall.ts";

const TELL_MEMORY = new URL("fixtures/townhall/tell-memory.mjs", import.meta.url);
const SEED = 20_241_015;
const PEOPLE = 1000;
const MESSAGES_EACH = 5;
/** How many connect, or are told a name, at the same time. */
const AT_ONCE = 50;
/** How many things happen before everybody's turn comes to read. */
const BEFORE_READING = 4;

interface Memory {
  readonly heapUsed: number;
  readonly external: number;
}

/** Bytes that the process has in use, when the garbage is gone; `time` counts the questions. */
async function memoryOf({ running }: OpenTownhall, time: number): Promise<number> {
  running.signal("SIGUSR2");
  const [, text = ""] = await running.err(new RegExp(`^memory ${String(time)} (.*)\n`, "mu"));
  const memory: Memory = JSON.parse(text);
  return memory.heapUsed + memory.external;
}

async function forAll(
  members: readonly Member[],
  f: (member: Member) => Promise<void>,
): Promise<void> {
  for (let first = 0; first < members.length; first += AT_ONCE) {
    await Promise.all(members.slice(first, first + AT_ONCE).map(f));
  }
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Everybody connects; those with a name go in. */
async function gather(
  context: TestContext,
  hall: OpenTownhall,
  count: number,
): Promise<{ readonly members: readonly Member[]; readonly inside: readonly Member[] }> {
  const members = Array.from({ length: count }, (_, n) => new Member(context, `p${String(n)}`));
  await forAll(members, (member) => member.connect(hall.port));
  // Half of the silent ones do not even tell their names.
  const inside = members.filter((_, index) => index % 6 !== 1);
  await forAll(inside, (member) => member.enter());
  return { members, inside };
}

/** Everybody goes: each second one in good order. */
async function leave(members: readonly Member[]): Promise<void> {
  for (const [index, member] of members.entries()) {
    if (index % 2 === 0) member.end();
    else member.reset();
  }
  await Promise.all(members.map((member) => member.closed()));
}

function messagesOf(member: Member): string[] {
  return Array.from({ length: MESSAGES_EACH }, (_, n) => `<${member.name}> ${String(n)}`);
}

/** The talkers talk and the doomed are reset, in an order that the seed gives. */
async function talkAndReset(talkers: readonly Member[], doomed: readonly Member[]): Promise<void> {
  const remarks = talkers.flatMap((talker) => messagesOf(talker).map(() => talker));
  const spoken = new Map(talkers.map((talker) => [talker, 0]));
  const events = shuffled([...doomed, ...remarks], seededRandom(SEED));
  for (const [index, member] of events.entries()) {
    const count = spoken.get(member);
    if (count === undefined) member.reset();
    else {
      member.say(String(count));
      spoken.set(member, count + 1);
    }
    if (index % BEFORE_READING === 0) await nextTurn();
  }
}

/** Everybody has heard what somebody has who only listens: all of it, once, in the same order. */
function expectSame(
  survivors: readonly Member[],
  talkers: readonly Member[],
  doomed: readonly Member[],
): void {
  const witness = survivors.find((member) => !talkers.includes(member));
  assert(witness !== undefined, "somebody only listens");
  for (const talker of talkers) {
    const theirs = witness.heard.filter((line) => line.startsWith(`<${talker.name}> `));
    assert.deepEqual(theirs, messagesOf(talker));
  }
  for (const member of survivors) {
    const others = witness.heard.filter((line) => !line.startsWith(`<${member.name}> `));
    assert.deepEqual(member.heard, others, member.name);
    assert.deepEqual(member.gone, witness.gone, member.name);
  }
  assert.sameMembers(
    [...witness.gone],
    doomed.map(({ name }) => `-- ${name} has gone (connection lost)`),
  );
}

describe("the town hall, crowded", () => {
  it("serves a thousand people, loses none of what they say, and forgets them", async (context) => {
    const hall = await openTownhall(context, {
      nodeArguments: ["--expose-gc", "--import", fileURLToPath(TELL_MEMORY)],
    });
    // Code is compiled, and caches are filled, when it is first used: that is not what is measured.
    const first = await gather(context, hall, 30);
    await leave(first.members);
    const before = await memoryOf(hall, 1);

    const { members, inside } = await gather(context, hall, PEOPLE);
    const doomed = members.filter((_, index) => index % 3 === 0);
    const talkers = members.filter((_, index) => index % 3 === 2);
    const survivors = inside.filter((member) => !doomed.includes(member));
    const full = await memoryOf(hall, 2);

    await talkAndReset(talkers, doomed);
    const said = talkers.length * MESSAGES_EACH;
    await forAll(survivors, (member) => {
      const own = talkers.includes(member) ? MESSAGES_EACH : 0;
      return member.hears(said - own, doomed.length);
    });
    expectSame(survivors, talkers, doomed);

    await leave(members.filter((member) => !doomed.includes(member)));
    const last = await hall.guest("last");
    last.send("/who\n/quit\n");
    await last.got(/^-- In hall: last\.\r$/mu);
    await last.closed();
    const after = await memoryOf(hall, 3);
    const [one, two, three] = [before, full, after].map((bytes) => (bytes / 2 ** 20).toFixed(2));
    console.log(`MiB in use: ${one} before, ${two} with ${String(PEOPLE)} people, ${three} after`);
    assert.isBelow(after, 1.2 * before);
    assert.equal(hall.running.stderr.replaceAll(/^memory .*\n/gmu, ""), "");
  }, 40_000);
});
