/**
 * Malformed and ambiguous requests: what a site answers to each, whether it keeps the connection,
 * and what its handler gets to see. The table is docs/internals/http-strictness.md as well; after a
 * change that is meant: `npm test -- test/conformance/http --update`.
 *
 * @module
 */
import { assert, describe, expect, it } from "vitest";
import { endOf } from "../../fixtures/web/http1-scene.ts";
import { visit } from "../../fixtures/web/in-memory-site.ts";
import type { Request } from "../../../src/web/server/request.ts";
import { pageOf } from "./page.ts";
import type { Row, Table } from "./row.ts";
import { CHUNKS, TRAILER_FIELDS } from "./tables/chunks.ts";
import { CONNECTIONS } from "./tables/connections.ts";
import { FIELDS, HOST_FIELDS } from "./tables/fields.ts";
import { BOTH_FIELDS, CODING_FIELDS, LENGTH_FIELDS } from "./tables/framing.ts";
import { LIMITS } from "./tables/limits.ts";
import { REQUEST_LINES } from "./tables/request-line.ts";

const TABLES: readonly Table[] = [
  REQUEST_LINES,
  FIELDS,
  HOST_FIELDS,
  LENGTH_FIELDS,
  CODING_FIELDS,
  BOTH_FIELDS,
  CHUNKS,
  TRAILER_FIELDS,
  CONNECTIONS,
  LIMITS,
];

/** What is to be seen of a row from outside. */
type Outcome = Pick<Row, "answers" | "isOpen" | "saw">;

/** Send it in pieces of so many bytes. */
function outcomeOf(row: Row, chunkBytes: number): Outcome {
  const saw: string[] = [];
  const handler = (request: Request): PromiseLike<string> => {
    const at = saw.push(`${nameOf(request)} …`) - 1;
    return request.content.text({ limit: 100_000 }).addCallback((body) => {
      saw[at] = `${nameOf(request)} ${body}`.trimEnd();
      return "ok\n";
    });
  };
  const at = visit(handler, { ...row.limits, http2: false, chunkBytes });
  at.send(row.sent);
  const statuses = [...at.client.received.matchAll(/^HTTP\/1\.1 (?<code>\d{3}) /gmu)];
  const answers = statuses.map((match) => Number(match.groups?.["code"]));
  const isOpen = endOf(at) === "open";
  at.client.transport.abortConnection();
  at.advance(0);
  assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  return { answers: answers.filter((code) => code >= 200), isOpen, saw };
}

/** Method and target; and the host, if it is not the usual one. */
function nameOf({ method, path, query, authority }: Request): string {
  const target = query === "" ? path : `${path}?${query}`;
  return authority === "a" || authority === ""
    ? `${method} ${target}`
    : `${method} ${target} at ${authority}`;
}

describe("A site and", () => {
  it("is asked in as many ways as the page promises, each of them once", () => {
    const rows = TABLES.flatMap((table) => table.rows);
    const again = rows.filter((row, at) => rows.findIndex(({ sent }) => sent === row.sent) !== at);
    assert.deepEqual(
      again.filter(({ limits }) => Object.keys(limits).length === 0).map(({ what }) => what),
      [],
    );
    assert.isAtLeast(rows.length, 120);
  });

  for (const { title, rows } of TABLES) {
    describe(title, () => {
      for (const row of rows) {
        it(`${row.what}: ${row.answers.join(", ")}`, () => {
          const { answers, isOpen, saw } = row;
          const expected = { answers, isOpen, saw: saw.map((one) => one.replace(/ at $/u, "")) };
          assert.deepEqual(outcomeOf(row, 1 << 20), expected);
          assert.deepEqual(outcomeOf(row, 1), expected, "byte by byte");
        });
      }
    });
  }

  it("the page says the same", async () => {
    await expect(pageOf(TABLES)).toMatchFileSnapshot("../../../docs/internals/http-strictness.md");
  });
});
