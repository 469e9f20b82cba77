import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { type Mutant, mutantsOf, mutated, sample } from "../../scripts/ops/mutate/mutants.ts";
import { relatedTests } from "../../scripts/ops/mutate/relatedTests.ts";

const functionWith = (body: string): string => `// § is two bytes
pragma solidity ^0.8.28;
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
contract Fee {
  function fee(uint256 a, uint256 b) external pure returns (uint256 c) {
    ${body}
  }
}
`;

/** Changed lines that stand in the place of `body`. */
const variants = (body: string): readonly string[] => {
  const source = functionWith(body);
  return mutantsOf(source).map((mutant) => mutated(source, mutant).split("\n")[5]?.trim() ?? "");
};

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

const mutate = (
  temporary: string,
  args: readonly string[],
  watch?: (child: ChildProcess, output: string) => void,
) =>
  new Promise<Ended>((done, fail) => {
    const child = spawn(process.execPath, ["scripts/ops/mutate/main.ts", ...args], {
      env: { ...process.env, TMPDIR: temporary },
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
      watch?.(child, output);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", fail);
    child.once("close", (code) => {
      done({ code, output });
    });
  });

describe("mutantsOf", () => {
  it("moves the edge of a comparison and drops what hangs on it", () => {
    expect(variants("if (a < b) c = a;")).to.have.members([
      "if (false) c = a;",
      "if (true) c = a;",
      "if (a <= b) c = a;",
      "if (a < b) {}",
    ]);
  });

  it("turns roundings and ends around", () => {
    expect(variants("c = FixedPointMathLib.divUp(a, b);")).to.include("c = ((a) / (b));");
    expect(variants("c = FixedPointMathLib.min(a, b);")).to.include("c = FixedPointMathLib.max(a, b);");
    expect(variants("c = FixedPointMathLib.mulDivUp(a, b, a);")).to.include(
      "c = FixedPointMathLib.mulDiv(a, b, a);",
    );
    expect(variants("c = a / b;")).to.include("c = FixedPointMathLib.divUp(a, b);");
  });

  it("changes operands, those of assignments too", () => {
    expect(variants("c = (a + b) * a;")).to.include.members(["c = (a - b) * a;", "c = (a + b) / a;"]);
    expect(variants("c += a;")).to.include("c -= a;");
  });

  it("drops each half of a condition", () => {
    expect(variants("if (a < 1 && !(b < 2)) return a;")).to.include.members([
      "if (a < 1) return a;",
      "if (!(b < 2)) return a;",
      "if (a < 1 && (b < 2)) return a;",
    ]);
    expect(variants("c = a < b ? a : b;")).to.include("c = !(a < b) ? a : b;");
  });

  it("changes constants", () => {
    expect(variants("c = a + 9;")).to.include("c = a + 10;");
    expect(variants("c = a + 1e18;")).to.include("c = a + (1e18 + 1);");
  });

  it("drops the guard of a function, and breaks nothing in an interface", () => {
    const source = "contract A { modifier m() { _; } function f() external m {} }";
    expect(mutantsOf(source).map((mutant) => mutated(source, mutant))).to.deep.equal([
      "contract A { modifier m() { _; } function f() external  {} }",
    ]);
    expect(mutantsOf("interface I { function f(uint256[3] calldata a) external; }")).to.deep.equal([]);
  });

  it("gives every mutant a line and a name of its own", () => {
    const source = readFileSync("contracts/libraries/SaleMath.sol", "utf8");
    const mutants = mutantsOf(source);
    expect(new Set(mutants.map(({ id }) => id)).size).to.equal(mutants.length);
    for (const mutant of mutants) {
      const first = mutant.original.split("\n")[0] ?? "";
      expect(source.split("\n")[mutant.line - 1]).to.include(first);
      expect(mutated(source, mutant)).to.not.equal(source);
    }
  });
});

describe("sample", () => {
  it("spreads over the whole source", () => {
    const mutants = mutantsOf(functionWith("c = a + b; c = a - b; c = a * b; c = a % b;"));
    const lines = (chosen: readonly Mutant[]): readonly string[] => chosen.map(({ id }) => id);
    expect(sample(mutants, 100)).to.equal(mutants);
    expect(lines(sample(mutants, 2))).to.deep.equal([mutants[0]?.id, mutants[mutants.length / 2]?.id]);
  });
});

describe("relatedTests", () => {
  it("finds fuzz tests of a library and the reference behind its harness", () => {
    const tests = relatedTests("SaleMath", "contracts/libraries/SaleMath.sol").flat();
    expect(tests).to.include.members(["test/solidity/fuzz/SaleMath.t.sol", "test/reference/math.test.ts"]);
  });

  it("finds the vault's tests for one of its layers, those named after the layer first", () => {
    const stages = relatedTests("VaultLosses", "contracts/vault/VaultLosses.sol");
    expect(stages[0]).to.include("test/solidity/unit/VaultLosses.t.sol");
    expect(stages.flat()).to.include("test/unit/Vault/mark.test.ts");
  });
});

describe("npm run mutate", () => {
  let temporary: string;

  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), "mutate-test-"));
  });

  afterEach(() => {
    rmSync(temporary, { recursive: true, force: true });
  });

  it("says in one line what it can't do", async () => {
    const { code, output } = await mutate(temporary, ["Nowhere"]);
    expect(code).to.equal(2);
    expect(output).to.equal("Nowhere: no contracts/**/Nowhere.sol; give a contract's name.\n");
    expect((await mutate(temporary, ["SaleMath", "--max", "1e3"])).code).to.equal(2);
  });
});
