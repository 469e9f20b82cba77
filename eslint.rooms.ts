import { dirname, relative, resolve, sep } from "node:path";

import type { Rule } from "eslint";

/** Who may import whom among the rooms of the TypeScript: docs/ARCHITECTURE.md has the same table, and a test holds the two together. */

export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "sdk/": [],
  "scripts/world/": ["sdk/"],
  "scripts/strategies/": ["sdk/", "scripts/world/"],
  "scripts/kit/": ["sdk/", "deploy/"],
  "scripts/replay/": ["sdk/", "scripts/world/", "scripts/strategies/", "scripts/kit/", "deploy/"],
  "scripts/bench/": ["sdk/", "scripts/kit/", "scripts/replay/", "deploy/"],
  "scripts/docs/": ["sdk/", "scripts/kit/"],
  "scripts/ops/": ["sdk/"],
  "deploy/": ["sdk/"],
};

/** Rooms that test some other one may look into it; nobody else may. */
const TESTS_OF: Readonly<Record<string, string>> = { "scripts/ops/": "test/ops/" };

const ROOT = import.meta.dirname;
const ROOMS = Object.keys(MAY_IMPORT);
const pathOf = (file: string): string => relative(ROOT, file).split(sep).join("/");
const roomOf = (path: string): string | undefined => ROOMS.find((room) => path.startsWith(room));

/** What is wrong with an import, undefined where nothing is. Paths from the root of the repository. */
export const complaintAbout = (importer: string, imported: string): string | undefined => {
  const [own, other] = [roomOf(importer), roomOf(imported)];
  if (other === undefined || own === other) return undefined;
  const isAllowed =
    own === undefined
      ? importer.startsWith(TESTS_OF[other] ?? "test/")
      : (MAY_IMPORT[own] ?? []).includes(other);
  return isAllowed ? undefined : `${own ?? importer} must not import ${other}: see docs/ARCHITECTURE.md.`;
};

/** An ESLint rule that refuses imports from rooms that a room must not know. */
export const rooms: Rule.RuleModule = {
  meta: { type: "problem", schema: [] },
  create(context) {
    const check = (
      node: { readonly source?: { readonly value?: unknown } | null | undefined } & Rule.Node,
    ): void => {
      const target = node.source?.value;
      if (typeof target !== "string" || !target.startsWith(".")) return;
      const complaint = complaintAbout(
        pathOf(context.filename),
        pathOf(resolve(dirname(context.filename), target)),
      );
      if (complaint !== undefined) context.report({ node, message: complaint });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
    };
  },
};
