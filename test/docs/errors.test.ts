import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

/**
 * An error has one home: whoever meets its name knows what it says and in which units. Mocks and examples stand for themselves:
 * they are read, and copied, alone.
 */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ALONE = /^contracts\/(?:mocks|examples)\//;

/** Errors that several files declare, or one file twice, with those files. */
const declaredTwice = (sources: Readonly<Record<string, string>>): Readonly<Record<string, string[]>> => {
  const homes = new Map<string, string[]>();
  for (const [path, source] of Object.entries(sources)) {
    for (const [, name = ""] of source.matchAll(/^\s*error (\w+)\(/gm)) {
      homes.set(name, [...(homes.get(name) ?? []), path]);
    }
  }
  return Object.fromEntries([...homes].filter(([, paths]) => paths.length > 1));
};

describe("Errors of the contracts", () => {
  it("finds one that is declared twice, whatever its arguments, and no use of one", () => {
    const sources = {
      "A.sol": "interface A {\n  /// @notice X.\n  error X();\n  error Y(uint256 y);\n}",
      "B.sol": "contract B {\n  error X(\n    address a\n  );\n  function f() external { revert Y(1); }\n}",
    };
    expect(declaredTwice(sources)).to.deep.equal({ X: ["A.sol", "B.sol"] });
  });

  it("are declared once each", () => {
    const paths = globSync("contracts/**/*.sol", { cwd: ROOT })
      .map((path) => path.split("\\").join("/"))
      .filter((path) => !ALONE.test(path))
      .sort();
    expect(paths.length).to.be.greaterThan(100);
    const sources = Object.fromEntries(paths.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
    expect(declaredTwice(sources)).to.deep.equal({});
  });
});
