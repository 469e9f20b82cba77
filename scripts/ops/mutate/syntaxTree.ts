import { createRequire } from "node:module";

import { z } from "zod";

/** Syntax trees as solc's parser gives them: nothing is resolved, so that no import is needed. */

interface Solc {
  compile(input: string): string;
}

/** Solc comes as CommonJS. */
const solc = createRequire(import.meta.url)("solc") as Solc;

export interface SyntaxNode {
  readonly nodeType: string;
  /** First byte. */
  readonly start: number;
  /** Byte behind the last. */
  readonly end: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

const NODE = z.looseObject({ nodeType: z.string(), src: z.string() });
const OUTPUT = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).optional(),
  sources: z.record(z.string(), z.object({ ast: z.unknown() })).optional(),
});

/** `value` as a node, or undefined where it is none. */
export const nodeOf = (value: unknown): SyntaxNode | undefined => {
  const { success, data } = NODE.safeParse(value);
  if (!success) return undefined;
  const [start = 0, length = 0] = data.src.split(":").map(Number);
  return { nodeType: data.nodeType, start, end: start + length, fields: data };
};

/** Nodes directly under `node`, in the order of the source. */
export const childrenOf = (node: SyntaxNode): readonly SyntaxNode[] =>
  Object.values(node.fields)
    .flat()
    .flatMap((value) => nodeOf(value) ?? [])
    .sort((a, b) => a.start - b.start);

/** The tree of a source. */
export const parseSource = (source: string): SyntaxNode => {
  const file = "source.sol";
  const input = {
    language: "Solidity",
    sources: { [file]: { content: source } },
    settings: { stopAfter: "parsing", outputSelection: { "*": { "": ["ast"] } } },
  };
  const { errors = [], sources } = OUTPUT.parse(JSON.parse(solc.compile(JSON.stringify(input))));
  const fault = errors.find(({ severity }) => severity === "error");
  if (fault !== undefined) throw new Error(fault.formattedMessage);
  const root = nodeOf(sources?.[file]?.ast);
  if (root === undefined) throw new Error("the compiler gave no syntax tree");
  return root;
};
