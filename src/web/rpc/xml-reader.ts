/**
 * XML as a tree of elements, for small documents that strangers send.
 *
 * No document type, no entities beyond XML's five, no processing instructions: what is not needed
 * cannot be turned against us. Attributes and comments are left out.
 *
 * Spec: XML 1.0 (fifth edition); §2.2 (characters), §2.11 (line ends).
 *
 * @module
 */
import sax from "sax";
import { RemoteProtocolError } from "../../core/errors.ts";

/** It is not XML, or not as much of XML as is read here, or not what was expected in XML. */
export class XMLMalformedError extends RemoteProtocolError {
  readonly code = "ERR_XML_MALFORMED";
}

/** An element: either has children, or text. */
export interface XMLElement {
  readonly name: string;
  readonly children: readonly XMLElement[];
  /** All text that stands directly in it. */
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly children: XMLElement[];
  text: string;
}

const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const ENCODING = /\bencoding\s*=\s*["'](?<encoding>[^"']*)["']/u;

/**
 * Read a document.
 *
 * @param depth Elements within each other, at most.
 * @throws {XMLMalformedError}
 */
export function readXML(text: string, depth: number): XMLElement {
  if (FORBIDDEN.test(text)) throw refused("characters that XML has");
  const parser = new sax.SAXParser(true, { position: false });
  // Its own table inherits from Object, so that &constructor; would be an entity.
  parser.ENTITIES = Object.assign(Object.create(null), ENTITIES);
  const tree = new TreeBuilder(depth);
  parser.onerror = (error) => {
    throw new XMLMalformedError(`Cannot read XML: ${error.message}`);
  };
  parser.onopentag = ({ name }) => tree.open(name);
  parser.onclosetag = () => tree.close();
  parser.ontext = (found) => tree.text(found);
  parser.oncdata = (found) => tree.text(found);
  parser.onprocessinginstruction = checkInstruction;
  parser.ondoctype = () => {
    throw refused("no document type");
  };
  parser.write(text.replaceAll(/\r\n?/gu, "\n")).close();
  return tree.root();
}

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

class TreeBuilder {
  readonly #depth: number;
  readonly #open: OpenElement[] = [];
  #root: XMLElement | undefined;

  constructor(depth: number) {
    this.#depth = depth;
  }

  open(name: string): void {
    if (this.#open.length === this.#depth) throw refused(`at most ${String(this.#depth)} levels`);
    const parent = this.#open.at(-1);
    if (parent === undefined && this.#root !== undefined) throw refused("one root");
    const element: OpenElement = { name, children: [], text: "" };
    parent?.children.push(element);
    this.#root ??= element;
    this.#open.push(element);
  }

  close(): void {
    const element = this.#open.pop();
    if (element === undefined || element.children.length === 0) return;
    if (/[^\t\n\r ]/u.test(element.text)) throw refused(`no text beside elements`);
  }

  text(text: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined) element.text += text;
  }

  root(): XMLElement {
    if (this.#root === undefined) throw refused("an element");
    return this.#root;
  }
}

/** The declaration at the beginning is one, as the parser sees it. */
function checkInstruction({ name, body }: { name: string; body: string }): void {
  if (name !== "xml") throw refused("no processing instructions");
  const encoding = ENCODING.exec(body)?.groups?.["encoding"] ?? "utf-8";
  if (!/^(?:utf-?8|us-ascii)$/iu.test(encoding)) throw refused("UTF-8");
}

function refused(expected: string): XMLMalformedError {
  return new XMLMalformedError(`Cannot read XML: expected ${expected}`);
}
