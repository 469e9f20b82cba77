import { childrenOf, nodeOf, parseSource, type SyntaxNode } from "./syntaxTree.ts";

/** Mutants of a contract: its source with one small fault each. */

export type MutantKind = "comparison" | "rounding" | "operand" | "condition" | "statement" | "constant";

export interface Mutant {
  /** The same for the same fault at the same place of the same source. */
  readonly id: string;
  readonly kind: MutantKind;
  readonly line: number;
  /** Bytes `start` to `end` of the source are replaced. */
  readonly start: number;
  readonly end: number;
  readonly original: string;
  readonly replacement: string;
}

type Edit = Pick<Mutant, "kind" | "start" | "end" | "replacement">;

const COMPARISONS: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "==": "!=",
  "!=": "==",
};
const OPERANDS: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "<<": ">>",
  ">>": "<<",
  "&": "|",
  "|": "&",
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "/=": "*=",
  "|=": "&=",
  "&=": "|=",
};
const LOGIC: readonly string[] = ["&&", "||"];
/** Functions with a sibling that rounds the other way, or takes the other end. */
const ROUNDINGS: Readonly<Record<string, string>> = {
  min: "max",
  max: "min",
  mulDiv: "mulDivUp",
  mulDivUp: "mulDiv",
  fullMulDiv: "fullMulDivUp",
  fullMulDivUp: "fullMulDiv",
  mulWad: "mulWadUp",
  mulWadUp: "mulWad",
  divWad: "divWadUp",
  divWadUp: "divWad",
};
const DROPPED: ReadonlySet<string> = new Set([
  "ExpressionStatement",
  "EmitStatement",
  "RevertStatement",
  "Return",
]);

const field = (node: SyntaxNode, name: string): SyntaxNode | undefined => nodeOf(node.fields[name]);

/** Edits of a source, found node by node. */
class Finder {
  readonly edits: Edit[] = [];
  private readonly source: Buffer;
  private readonly hasDivUp: boolean;

  constructor(source: Buffer) {
    this.source = source;
    this.hasDivUp = source.includes("{FixedPointMathLib}");
  }

  /** Functions, modifiers and constants of contracts and libraries; an interface has nothing to break. */
  visitFile(root: SyntaxNode): void {
    for (const contract of childrenOf(root)) {
      if (contract.nodeType !== "ContractDefinition" || contract.fields.contractKind === "interface")
        continue;
      for (const member of childrenOf(contract)) this.visitMember(member);
    }
  }

  private visitMember(member: SyntaxNode): void {
    const body = field(member, "body");
    if (body !== undefined) this.visit(body);
    const value = member.nodeType === "VariableDeclaration" ? field(member, "value") : undefined;
    if (value !== undefined) this.visit(value);
    if (member.fields.kind !== "function") return;
    for (const guard of childrenOf(member)) {
      if (guard.nodeType === "ModifierInvocation") this.add("condition", guard.start, guard.end, "");
    }
  }

  private visit(node: SyntaxNode): void {
    if (node.nodeType === "InlineAssembly") return;
    if (DROPPED.has(node.nodeType)) this.dropStatement(node);
    if (node.nodeType === "BinaryOperation") this.visitBinary(node);
    if (node.nodeType === "Assignment") this.visitAssignment(node);
    if (node.nodeType === "FunctionCall") this.visitCall(node);
    if (node.nodeType === "IfStatement") this.visitIf(node);
    if (node.nodeType === "Conditional") this.negate(field(node, "condition"));
    if (node.nodeType === "UnaryOperation" && node.fields.operator === "!") {
      this.add("condition", node.start, node.start + 1, "");
    }
    if (node.nodeType === "Literal") this.visitLiteral(node);
    for (const child of childrenOf(node)) this.visit(child);
  }

  private visitBinary(node: SyntaxNode): void {
    const left = field(node, "leftExpression");
    const right = field(node, "rightExpression");
    const operator = String(node.fields.operator);
    if (left === undefined || right === undefined) return;
    const at = this.source.indexOf(operator, left.end);
    const replaceOperator = (kind: MutantKind, by: string | undefined): void => {
      if (by !== undefined) this.add(kind, at, at + operator.length, by);
    };
    replaceOperator("comparison", COMPARISONS[operator]);
    replaceOperator("operand", OPERANDS[operator]);
    if (LOGIC.includes(operator)) {
      this.add("condition", node.start, node.end, this.text(left));
      this.add("condition", node.start, node.end, this.text(right));
    }
    if (operator === "/" && this.hasDivUp) {
      const rounded = `FixedPointMathLib.divUp(${this.text(left)}, ${this.text(right)})`;
      this.add("rounding", node.start, node.end, rounded);
    }
  }

  private visitAssignment(node: SyntaxNode): void {
    const operator = String(node.fields.operator);
    const left = field(node, "leftHandSide");
    const by = OPERANDS[operator];
    if (left === undefined || by === undefined) return;
    const at = this.source.indexOf(operator, left.end);
    this.add("operand", at, at + operator.length, by);
  }

  private visitCall(node: SyntaxNode): void {
    const called = field(node, "expression");
    if (called === undefined) return;
    const name = String(called.fields.memberName ?? called.fields.name);
    const sibling = ROUNDINGS[name];
    if (sibling !== undefined) this.add("rounding", called.end - name.length, called.end, sibling);
    const [dividend, divisor] = [node.fields.arguments]
      .flat()
      .flatMap((argument: unknown) => nodeOf(argument) ?? []);
    if ((name === "divUp" || name === "ceilDiv") && dividend !== undefined && divisor !== undefined) {
      const floored = `((${this.text(dividend)}) / (${this.text(divisor)}))`;
      this.add("rounding", node.start, node.end, floored);
    }
  }

  private visitIf(node: SyntaxNode): void {
    const condition = field(node, "condition");
    if (condition === undefined) return;
    this.add("condition", condition.start, condition.end, "false");
    this.add("condition", condition.start, condition.end, "true");
  }

  private visitLiteral(node: SyntaxNode): void {
    if (node.fields.kind === "bool") {
      this.add("constant", node.start, node.end, this.text(node) === "true" ? "false" : "true");
    }
    if (node.fields.kind === "number") {
      const text = this.text(node);
      const next = /^\d+$/.test(text) ? String(BigInt(text) + 1n) : `(${text} + 1)`;
      this.add("constant", node.start, node.end, next);
    }
  }

  private negate(condition: SyntaxNode | undefined): void {
    if (condition === undefined) return;
    this.add("condition", condition.start, condition.end, `!(${this.text(condition)})`);
  }

  /** A statement's range may end before its semicolon, and Solidity knows no empty statement. */
  private dropStatement(node: SyntaxNode): void {
    const isTerminated = this.source.toString("utf8", node.start, node.end).endsWith(";");
    const end = isTerminated ? node.end : this.source.indexOf(";", node.end) + 1;
    this.add("statement", node.start, end, "{}");
  }

  private text(node: SyntaxNode): string {
    return this.source.toString("utf8", node.start, node.end);
  }

  private add(kind: MutantKind, start: number, end: number, replacement: string): void {
    this.edits.push({ kind, start, end, replacement });
  }
}

/** All mutants of a source, in its order. */
export const mutantsOf = (source: string): readonly Mutant[] => {
  const bytes = Buffer.from(source);
  const finder = new Finder(bytes);
  finder.visitFile(parseSource(source));
  const mutants = finder.edits.map(({ kind, start, end, replacement }) => ({
    id: `${kind}:${start}-${end}:${replacement}`,
    kind,
    line: bytes.toString("utf8", 0, start).split("\n").length,
    start,
    end,
    original: bytes.toString("utf8", start, end),
    replacement,
  }));
  return mutants.sort((a, b) => a.start - b.start);
};

/** The source with the fault in it. */
export const mutated = (source: string, { start, end, replacement }: Mutant): string => {
  const bytes = Buffer.from(source);
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(replacement), bytes.subarray(end)]).toString();
};

/** At most `most` of them, spread evenly over the source. */
export const sample = (mutants: readonly Mutant[], most: number): readonly Mutant[] => {
  if (mutants.length <= most) return mutants;
  return Array.from({ length: most }, (_, i) => mutants[Math.floor((i * mutants.length) / most)]).filter(
    (mutant) => mutant !== undefined,
  );
};
