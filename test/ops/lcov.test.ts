import { expect } from "chai";

import { parseLcov, percentCovered } from "../../scripts/ops/lcov.ts";

const TRACE = `TN:
SF:contracts/vault/Vault.sol
DA:26,1
DA:27,0
DA:31,4
LH:2
LF:3
end_of_record
SF:contracts/libraries/DecayCurve.sol
DA:5,1
LH:1
LF:1
end_of_record
`;

describe("parseLcov", () => {
  it("reads lines and misses of each file", () => {
    expect(parseLcov(TRACE)).to.deep.equal([
      { file: "contracts/vault/Vault.sol", lines: 3, missed: [27] },
      { file: "contracts/libraries/DecayCurve.sol", lines: 1, missed: [] },
    ]);
  });

  it("finds no file in an empty trace", () => {
    expect(parseLcov("TN:\n")).to.deep.equal([]);
  });
});

describe("percentCovered", () => {
  it("weighs files by their lines", () => {
    expect(percentCovered(parseLcov(TRACE))).to.equal(75);
  });

  it("rounds down, so that what is just under a limit does not pass it", () => {
    expect(percentCovered([{ lines: 100_000, missed: Array.from({ length: 3_001 }, (_, i) => i) }])).to.equal(
      96.99,
    );
  });

  it("is 0 where nothing was measured", () => {
    expect(percentCovered([])).to.equal(0);
  });
});
