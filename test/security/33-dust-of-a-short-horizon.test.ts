import { expect } from "chai";

import { loadFixture } from "../helpers/chain.ts";
import { CALM_TERMS, COLL, LOAN, loanVault, STORY } from "../helpers/vault.ts";

const SHORT = { ...CALM_TERMS, halfLife: 30n, horizon: 150n };
const DUST = 10n * LOAN;

/** A sale by terms of a long horizon that nobody has bought from, and a small one by terms of a short horizon. */
async function mixedHorizons() {
  const system = await loanVault();
  const { vault, governor, otherBorrower, open, sink, start, pass } = system;
  await open(otherBorrower, COLL, 1_500n * LOAN);
  await sink();
  await start();
  await vault.connect(governor).setTerms(SHORT);
  await start(otherBorrower);
  // Touched every half-life: the discount is one that keepers have kept alive.
  for (let i = 0; i < 5; i++) {
    await pass(CALM_TERMS.halfLife);
    await vault.markDown(system.borrower);
    await vault.markDown(otherBorrower);
  }
  return system;
}

describe("Security 33: dust that moves the sale clock", () => {
  it("of a sale whose horizon is short costs a sale of a long one no more than its share of a lot", async () => {
    const { vault, borrower, otherBorrower, take } = await loadFixture(mixedHorizons);
    const before = await vault.quoteTake(borrower);
    expect(before.vaultSeconds).to.equal(CALM_TERMS.horizon);
    await take({ borrower: otherBorrower.address, maxRepay: DUST });
    const after = await vault.quoteTake(borrower);
    // Two hours are a sixteenth of a lot: 10 of 250,000 are five seconds.
    expect(after.vaultSeconds).to.be.at.least(before.vaultSeconds - 5n);
    expect((after.price - before.price) * 10_000n).to.be.at.most(STORY.sunk);
  });
});
