/**
 * The table as a page of Markdown.
 *
 * @module
 */
import { NEXT, type Row, type Table } from "./row.ts";

/** One character, or one short line, again and again: shown once, with how often. */
const RUN = /(.)\1{15,}|(X:\r\n)\2{15,}/gsu;
/** What is longer is cut in the middle. */
const SHOWN_MAX = 140;

const OPENING = `# What the HTTP/1 server refuses

Two programs that read one request in two ways are how requests are smuggled past a proxy. So the
server reads strictly: what the specification calls an error is one, and where it leaves a choice,
we refuse what some other server is known to read otherwise. A request that is refused is answered,
the connection is closed, and nothing behind it is read.

Each row below is a test, whole and byte by byte: \`test/conformance/http\`. This page is made of
the same table; after a change that is meant: \`npm test -- test/conformance/http --update\`.

- *Sent* shows all bytes. \`‹next›\` is another request, \`GET /next\`, that is good by itself;
  \`a{8192}\` is that letter 8,192 times; \`…\` was left out here.
- *Answer* is the status of each answer; *closed* and *kept* say what becomes of the connection.
- *Handler* is what it was asked, with the body; \`…\` is a body that did not come whole.
`;

/** All tables, and what must be known to read them. */
export function pageOf(tables: readonly Table[]): string {
  return [OPENING, ...tables.map(tableOf)].join("\n");
}

function tableOf({ title, rows }: Table): string {
  const head = "| what | sent | answer | handler | why |\n|---|---|---|---|---|";
  return `## ${title}\n\n${head}\n${rows.map((row) => `${rowOf(row)}\n`).join("")}`;
}

function rowOf({ what, sent, answers, isOpen, saw, why, limits }: Row): string {
  const settings = Object.entries(limits).map(([name, value]) => `\`${name}: ${String(value)}\``);
  const cells = [
    [what, ...settings].join("; "),
    code(shown(sent)),
    `${answers.join(", ")}, ${isOpen ? "kept" : "closed"}`,
    saw.length === 0 ? "nothing" : saw.map((one) => code(shown(one))).join(", "),
    why,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** Everything visible, in one line, and not too long. */
function shown(text: string): string {
  const short = text
    .replaceAll(NEXT, "‹next›")
    .replaceAll(RUN, (run, one: string | undefined, line: string | undefined) => {
      const count = String(run.length / (one ?? line ?? "").length);
      return one === undefined ? `(${line ?? ""}){${count}}` : `${one}{${count}}`;
    });
  const visible = short.replaceAll(/[^ -~‹›…]/gu, escaped);
  if (visible.length <= SHOWN_MAX) return visible;
  const half = SHOWN_MAX / 2;
  return `${visible.slice(0, half)} … ${visible.slice(-half)}`;
}

function escaped(one: string): string {
  switch (one) {
    case "\r":
      return "\\r";
    case "\n":
      return "\\n";
    case "\t":
      return "\\t";
    default:
      return `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`;
  }
}

/** As code: between as many backticks as it takes. */
function code(text: string): string {
  const fence = text.includes("`") ? "``" : "`";
  const pad = text.includes("`") || text.startsWith(" ") || text.endsWith(" ") ? " " : "";
  return `${fence}${pad}${text}${pad}${fence}`;
}
