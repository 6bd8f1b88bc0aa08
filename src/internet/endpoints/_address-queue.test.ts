import { assert, describe, it } from "vitest";
import { addressFromLiteral } from "../names/address-literal.ts";
import { AddressQueue } from "./_address-queue.ts";

/** Enter these. @returns Which of them were taken. */
function add(queue: AddressQueue, ...literals: readonly string[]): readonly string[] {
  return literals.filter((literal) => {
    const address = addressFromLiteral(literal, { portNumber: 80 });
    if (address === undefined) throw new TypeError(`${literal} is no address`);
    return queue.add(address);
  });
}

/** Take out all that is left. */
function drain(queue: AddressQueue): readonly string[] {
  const order: string[] = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) order.push(next.host);
  return order;
}

describe("AddressQueue", () => {
  const orders: readonly [string, readonly string[], readonly string[]][] = [
    ["nothing", [], []],
    ["one", ["::1"], ["::1"]],
    ["one family", ["::1", "::2", "::3"], ["::1", "::2", "::3"]],
    [
      "IPv6 first",
      ["::1", "::2", "::3", "1.1.1.1", "1.1.1.2"],
      ["::1", "1.1.1.1", "::2", "1.1.1.2", "::3"],
    ],
    [
      "IPv4 first",
      ["1.1.1.1", "1.1.1.2", "::1", "::2", "::3"],
      ["1.1.1.1", "::1", "1.1.1.2", "::2", "::3"],
    ],
    ["mixed already", ["1.1.1.1", "::1", "1.1.1.2", "::2"], ["1.1.1.1", "::1", "1.1.1.2", "::2"]],
  ];
  for (const [what, arriving, leaving] of orders) {
    it(`takes families in turn, the first one's first: ${what} (RFC 8305 §4)`, () => {
      const queue = new AddressQueue(10);
      add(queue, ...arriving);
      assert.equal(queue.empty, arriving.length === 0);
      assert.deepEqual(drain(queue), leaving);
      assert.isTrue(queue.empty);
    });
  }

  it("lets another family begin", () => {
    const queue = new AddressQueue(10);
    add(queue, "1.1.1.1", "1.1.1.2", "::1");
    queue.prefer("IPv6");
    assert.deepEqual(drain(queue), ["::1", "1.1.1.1", "1.1.1.2"]);
  });

  it("goes on in turn with what comes late", () => {
    const queue = new AddressQueue(10);
    add(queue, "::1", "::2");
    assert.equal(queue.next()?.host, "::1");
    assert.equal(queue.next()?.host, "::2");
    add(queue, "::3", "1.1.1.1");
    assert.deepEqual(drain(queue), ["1.1.1.1", "::3"]);
  });

  it("takes each address once, also when it has left, and tells zones apart", () => {
    const queue = new AddressQueue(10);
    const taken = add(queue, "::1", "::1", "fe80::1%a", "fe80::1%b", "fe80::1%a", "1.1.1.1");
    assert.deepEqual(taken, ["::1", "fe80::1%a", "fe80::1%b", "1.1.1.1"]);
    drain(queue);
    assert.deepEqual(add(queue, "::1"), []);
    assert.equal(queue.untried, 0);
  });

  it("takes as many as it may, and counts the others", () => {
    const queue = new AddressQueue(2);
    const taken = add(queue, "::1", "::1", "::2", "::3", "1.1.1.1");
    assert.deepEqual(taken, ["::1", "::2", "1.1.1.1"]);
    assert.deepEqual(drain(queue), ["::1", "1.1.1.1"]);
    assert.isTrue(queue.empty);
    assert.equal(queue.untried, 2);
    assert.deepEqual(add(queue, "1.1.1.2"), []);
    assert.equal(queue.untried, 3);
  });
});
