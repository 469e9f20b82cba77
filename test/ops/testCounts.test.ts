import { expect } from "chai";

import { testCounts } from "../../scripts/ops/testCounts.ts";

describe("testCounts", () => {
  it("reads mocha's summary, colours or not", () => {
    const output =
      "  Vault\n    ✔ has 3 passing grades\n\n\n\u001b[32m  79 passing\u001b[0m (24s)\n  2 pending\n";
    expect(testCounts(output)).to.deep.equal({ passed: 79, failed: 0, skipped: 2 });
  });

  it("reads the summary of the Solidity tests", () => {
    const output =
      "    ✔ testFuzz_a(uint256) (runs: 256)\n\n  32 passing\n  1 failing\n  4 skipped\n\n  Failure (1)\n";
    expect(testCounts(output)).to.deep.equal({ passed: 32, failed: 1, skipped: 4 });
  });

  it("finds nothing where nothing ran", () => {
    expect(testCounts("Compiled 5 Solidity files\n")).to.deep.equal({ passed: 0, failed: 0, skipped: 0 });
  });

  it("takes the runner's last word, not what a test printed before", () => {
    expect(testCounts("  5 passing\n\n  7 passing (1s)\n  2 failing\n")).to.deep.equal({
      passed: 7,
      failed: 2,
      skipped: 0,
    });
  });
});
