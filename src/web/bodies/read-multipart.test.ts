import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { readAnswer, visit, type Visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { BodyUsedError } from "../server/request-body.ts";
import type { Request } from "../server/request.ts";
import { Router } from "../routing/router.ts";
import { FilePart, type FormPart } from "./multipart-part.ts";
import { type MultipartLimits, readMultipart } from "./read-multipart.ts";

type Reading = (parts: AsyncGenerator<FormPart>, request: Request) => Promise<unknown>;

const BOUNDARY = "x-y-z";
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

function field(name: string, value: string): string {
  const disposition = `Content-Disposition: form-data; name="${name}"`;
  return `--${BOUNDARY}\r\n${disposition}\r\n\r\n${value}\r\n`;
}

function file(name: string, filename: string, bytes: string, type = "text/plain"): string {
  const disposition = `Content-Disposition: form-data; name="${name}"; filename="${filename}"`;
  return `--${BOUNDARY}\r\n${disposition}\r\nContent-Type: ${type}\r\n\r\n${bytes}\r\n`;
}

const END = `--${BOUNDARY}--\r\n`;

function open(reading: Reading, limits: MultipartLimits = {}, chunkBytes?: number): Visit {
  const router = new Router();
  router.post("/", async (request) =>
    String(await reading(readMultipart(request, limits), request)),
  );
  return visit(router, chunkBytes === undefined ? {} : { chunkBytes });
}

function head(length: number, type = TYPE): string {
  const fields = `Content-Type: ${type}\r\nContent-Length: ${String(length)}\r\n`;
  return `POST / HTTP/1.1\r\nHost: x\r\n${fields}\r\n`;
}

async function post(
  body: string,
  asked: {
    readonly limits?: MultipartLimits;
    readonly type?: string;
    readonly reading?: Reading;
    readonly chunkBytes?: number;
  } = {},
): Promise<{ readonly code: number; readonly body: string }> {
  const { limits = {}, type = TYPE, reading = told, chunkBytes = 65_536 } = asked;
  const guest = open(reading, limits, chunkBytes);
  guest.send(head(body.length, type) + body);
  await until(guest, () => guest.client.received !== "");
  return readAnswer(guest.client.received);
}

async function until(guest: Visit, isSo: () => boolean): Promise<void> {
  for (let turns = 0; turns < 200 && !isSo(); turns += 1) await guest.settle();
  assert.isTrue(isSo(), "it has not come to that");
}

/** What was in a form. */
async function told(parts: AsyncIterable<FormPart>): Promise<string> {
  const lines: string[] = [];
  for await (const part of parts) {
    if (part.kind === "field") lines.push(`${part.name}=${part.value}`);
    else {
      const bytes = await part.read();
      lines.push(`${part.name}:${part.filename}:${part.type}:${bytes.toString("latin1")}`);
    }
  }
  return lines.join("|");
}

const FORM =
  field("who", "Ada") +
  file("cv", "cv.txt", "I count") +
  field("who", "") +
  file("p", "", "", "a/b");

describe("readMultipart()", () => {
  for (const chunkBytes of [65_536, 100, 7, 1]) {
    it(`hands over parts in order, ${String(chunkBytes)} bytes at once (RFC 7578 §4)`, async () => {
      const { body } = await post(FORM + END, { chunkBytes });
      assert.equal(body, "who=Ada|cv:cv.txt:text/plain:I count|who=|p::a/b:");
    });
  }

  it("takes a form without parts, a preamble and an epilogue (RFC 2046 §5.1.1)", async () => {
    assert.equal((await post(END)).body, "");
    assert.equal((await post(`before\r\n${field("a", "1")}${END}after`)).body, "a=1");
    assert.equal((await post(`${field("a", "1")}${END}${"after".repeat(50_000)}`)).body, "a=1");
  });

  it("reads names and fields as UTF-8, and takes the path off a file's name", async () => {
    const { body } = await post(
      field("n\u00c3\u00a4me", "\u00c3\u00a9") +
        file("f", String.raw`C:\\tmp\\..\\x.txt`, "") +
        END,
    );
    assert.equal(Buffer.from(body, "latin1").toString(), "näme=é|f:x.txt:text/plain:");
    assert.include((await post(file("f", "../../etc/passwd", "") + END)).body, "f:passwd:");
  });

  it("refuses other types with 415, and a boundary that is none with 400", async () => {
    assert.equal((await post(FORM, { type: "application/json" })).code, 415);
    assert.equal((await post(FORM, { type: "multipart/mixed; boundary=x" })).code, 415);
    assert.equal((await post(FORM, { type: "multipart/form-data" })).code, 400);
    const long = "x".repeat(71);
    assert.equal((await post(FORM, { type: `multipart/form-data; boundary=${long}` })).code, 400);
  });

  it("refuses a form that is not whole with 400, wherever it ends", async () => {
    for (let length = 0; length < FORM.length + END.length - 4; length += 1) {
      const { code } = await post((FORM + END).slice(0, length));
      assert.equal(code, 400, `${String(length)} bytes`);
    }
  });

  it("comes to an end with every form, however broken", async () => {
    const pieces = fc.constantFrom(
      "\r",
      "\n",
      "-",
      "\r\n",
      `--${BOUNDARY}`,
      END,
      '"',
      ";",
      ":",
      "\0",
    );
    const cut = fc.record({ at: fc.nat(FORM.length), drop: fc.nat(20), put: pieces });
    const chunks = fc.constantFrom(1, 7, 50, 65_536);
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 3 }), chunks, async (cuts, chunkBytes) => {
        let form = FORM + END;
        for (const { at, drop, put } of cuts) {
          form = form.slice(0, at) + put + form.slice(at + drop);
        }
        assert.oneOf((await post(form, { chunkBytes })).code, [200, 400]);
      }),
      { numRuns: 300 },
    );
  });

  it("refuses parts without a name with 400", async () => {
    const bad = `--${BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n${END}`;
    assert.equal((await post(bad)).code, 400);
    const badFile = bad.replace("form-data", 'form-data; filename="x"');
    assert.equal((await post(badFile)).code, 400);
  });

  for (const [what, body, limits] of [
    ["files", file("a", "a", "") + file("b", "b", ""), { maxFiles: 1 }],
    ["fields", field("a", "") + field("b", ""), { maxFields: 1 }],
    ["bytes in a file", file("a", "a", "12345"), { maxFileBytes: 4 }],
    ["bytes in a field", field("a", "12345"), { maxFieldBytes: 4 }],
    ["parts that are neither", `--${BOUNDARY}\r\nX: y\r\n\r\n\r\n`.repeat(111), {}],
    ["fields by default", field("a", "").repeat(101), {}],
    ["bytes", field("a", "12345"), { limit: 50 }],
  ] as const) {
    it(`refuses more ${what} than it may have with 413`, async () => {
      assert.equal((await post(body + END, { limits })).code, 413);
      assert.equal((await post(body + END, { limits, chunkBytes: 3 })).code, 413);
    });
  }

  it("takes as much as it may", async () => {
    const limits = { maxFiles: 1, maxFields: 1, maxFileBytes: 5, maxFieldBytes: 4 };
    const { body } = await post(field("a", "1234") + file("b", "b", "12345") + END, { limits });
    assert.equal(body, "a=1234|b:b:text/plain:12345");
  });

  it("passes by files that nobody reads, or not to their end", async () => {
    const form = file("a", "a", "x".repeat(300_000)) + file("b", "b", "y".repeat(300_000));
    const names: string[] = [];
    const skipping: Reading = async (parts) => {
      for await (const part of parts) {
        names.push(part.name);
        if (part.name !== "b" || part.kind !== "file") continue;
        for await (const chunk of part) if (chunk.length > 0) break;
      }
      return "passed";
    };
    const answer = await post(form + field("c", "1") + END, { reading: skipping });
    assert.equal(answer.body, "passed");
    assert.deepEqual(names, ["a", "b", "c"]);
  });

  it("refuses to read a file that has gone by, or twice", async () => {
    const errors: unknown[] = [];
    const late: Reading = async (parts) => {
      const files: FilePart[] = [];
      for await (const part of parts) if (part instanceof FilePart) files.push(part);
      for (const one of files) await one.read().catch((error: unknown) => errors.push(error));
      return "late";
    };
    const answer = await post(file("a", "a", "x") + END, { reading: late });
    assert.equal(answer.body, "late");
    assert.instanceOf(errors[0], BodyUsedError);
  });

  it("lets a loop end early", async () => {
    const first: Reading = async (parts) => {
      for await (const part of parts) return part.name;
      return "";
    };
    const guest = open(first);
    const form = field("a", "1") + file("b", "b", "x".repeat(100_000)) + END;
    assert.equal((await guest.ask(head(form.length) + form)).body, "a");
    // The rest was read and thrown away: the connection goes on.
    assert.equal((await guest.ask(head(form.length) + form)).body, "a");
  });

  it("ends the file that is read beside a loop that was left", async () => {
    const beside: Reading = async (parts) => {
      let reading: Promise<unknown> = Promise.resolve();
      for await (const part of parts) {
        if (part.kind === "field") continue;
        reading = part.read();
        break;
      }
      return reading.then(
        () => "whole",
        () => "cut off",
      );
    };
    const form = file("a", "a", "x".repeat(100_000)) + END;
    const answer = await post(form, { reading: beside, chunkBytes: 16_384 });
    assert.equal(answer.body, "cut off");
  });

  it("lets the client wait for who reads slowly, and holds little meanwhile", async () => {
    const wakes: (() => void)[] = [];
    let bytes = 0;
    const slow: Reading = async (parts) => {
      for await (const part of parts) {
        if (part.kind === "field") continue;
        for await (const chunk of part) {
          bytes += chunk.length;
          await new Promise<void>((resolve) => {
            wakes.push(resolve);
          });
        }
      }
      return bytes;
    };
    const guest = open(slow, {}, 16_384);
    const form = file("a", "a", "x".repeat(2_000_000)) + END;
    guest.send(head(form.length) + form);
    await until(guest, () => wakes.length === 1);
    for (let turns = 0; turns < 10; turns += 1) await guest.settle();
    assert.isFalse(isReading(guest), "the client waits");
    for (let turns = 0; turns < 1000 && guest.client.received === ""; turns += 1) {
      wakes.shift()?.();
      await guest.settle();
    }
    assert.equal(readAnswer(guest.client.received).body, "2000000");
  });

  const LEAVING: readonly (readonly [string, MultipartLimits, Reading])[] = [
    [
      "a limit",
      { maxFileBytes: 10 },
      async (parts) => {
        await told(parts).catch(() => {});
      },
    ],
    [
      "a loop that was left",
      {},
      async (parts) => {
        for await (const part of parts) if (part.kind === "field") break;
      },
    ],
  ];
  for (const [what, limits, leave] of LEAVING) {
    it(`reads no more after ${what}, before there is an answer`, async () => {
      let answer = (): void => {};
      const leaving: Reading = async (parts, request) => {
        await leave(parts, request);
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return "left";
      };
      const guest = open(leaving, limits, 16_384);
      const form = field("a", "1") + file("b", "b", "x".repeat(2_000_000)) + END;
      guest.send(head(form.length) + form);
      await guest.settle();
      assert.isFalse(isReading(guest));
      answer();
      await until(guest, () => guest.client.received !== "");
      assert.equal(readAnswer(guest.client.received).body, "left");
    });
  }

  function isReading({ pump }: Visit): boolean {
    return pump.server.reading;
  }

  it("fails, for the loop and for the file, when the client goes", async () => {
    const failed: string[] = [];
    const failing: Reading = async (parts) => {
      try {
        for await (const part of parts) {
          if (part.kind === "field") continue;
          try {
            await part.read();
          } catch (error) {
            failed.push(`file: ${String(error)}`);
            throw error;
          }
        }
      } catch (error) {
        failed.push(`loop: ${String(error)}`);
      }
      return "";
    };
    const guest = open(failing);
    guest.send(head(10_000) + file("a", "a", "x".repeat(5000)).slice(0, 4000));
    await guest.settle();
    guest.client.transport.abortConnection();
    await until(guest, () => failed.length === 2);
    assert.match(failed[0] ?? "", /^file: Connection/u);
    assert.match(failed[1] ?? "", /^loop: Connection/u);
  });

  it("reads a body once", async () => {
    const twice: Reading = async (parts, request) => {
      await told(parts);
      return told(readMultipart(request));
    };
    assert.equal((await post(FORM + END, { reading: twice })).code, 500);
  });
});
