import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { ListenFDs } from "./listen-fds.ts";

const PID = 4711;

function read(environment: Record<string, string | undefined>): readonly (readonly unknown[])[] {
  const { descriptors } = ListenFDs.fromEnvironment(environment, PID);
  return descriptors.map(({ fileDescriptor, name }) => [fileDescriptor, name]);
}

describe("ListenFDs.fromEnvironment() (sd_listen_fds(3))", () => {
  it("numbers the descriptors from 3, and gives them their names", () => {
    const env = { LISTEN_PID: "4711", LISTEN_FDS: "3", LISTEN_FDNAMES: "web:api:web" };
    assert.deepEqual(read(env), [
      [3, "web"],
      [4, "api"],
      [5, "web"],
    ]);
  });

  it("calls those without a name unknown, as systemd does", () => {
    const env = { LISTEN_PID: "4711", LISTEN_FDS: "2" };
    assert.deepEqual(read(env), [
      [3, "unknown"],
      [4, "unknown"],
    ]);
    assert.deepEqual(read({ ...env, LISTEN_FDNAMES: "web" }).at(-1), [4, "unknown"]);
    assert.deepEqual(read({ ...env, LISTEN_FDNAMES: "" }).at(0), [3, "unknown"]);
    assert.equal(read({ ...env, LISTEN_FDNAMES: "a:b:c:d" }).length, 2);
  });

  it("finds nothing that is meant for another process, or cannot be read", () => {
    const env = { LISTEN_PID: "4711", LISTEN_FDS: "1" };
    const others: readonly Record<string, string | undefined>[] = [
      {},
      { ...env, LISTEN_PID: undefined },
      { ...env, LISTEN_PID: "4712" },
      { ...env, LISTEN_PID: "4711x" },
      { ...env, LISTEN_PID: "" },
      { ...env, LISTEN_FDS: undefined },
      { ...env, LISTEN_FDS: "0" },
      { ...env, LISTEN_FDS: "-1" },
      { ...env, LISTEN_FDS: "1.5" },
      { ...env, LISTEN_FDS: "many" },
      { ...env, LISTEN_FDS: "65537" },
      { ...env, LISTEN_FDS: "99999999999999999999" },
    ];
    for (const other of others) assert.deepEqual(read(other), [], JSON.stringify(other));
    assert.equal(read({ ...env, LISTEN_FDS: "65536" }).length, 65_536);
  });

  it("takes whatever stands there, and leaves it there", () => {
    const text = fc.option(fc.string(), { nil: undefined });
    fc.assert(
      fc.property(text, text, text, (pid, count, names) => {
        const env = { LISTEN_PID: pid, LISTEN_FDS: count, LISTEN_FDNAMES: names };
        const before = { ...env };
        assert.isArray(read(env));
        assert.deepEqual(env, before);
      }),
    );
  });
});
