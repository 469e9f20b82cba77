import { expect } from "chai";

import { loadFixture, now, pass } from "../helpers/chain.ts";
import { BOUNDS, CALM, calmVault, HOUR, NOTICE, RAMP, STORM, TIGHT_DELAY } from "../helpers/steward.ts";
import { COLL, LOAN } from "../helpers/vault.ts";

/** An LTV of 80%: the most that can be borrowed. */
const DEBT = 160_000n * LOAN;

describe("Security: volatility is pumped so that the steward sells somebody out", () => {
  async function pumpedVault() {
    const system = await calmVault();
    await system.open(system.otherBorrower, 100n * COLL, DEBT);
    await system.tell(STORM);
    await system.applyTo();
    return system;
  }

  it("nobody is unhealthy, and no sale starts, before a day has passed since the announcement", async () => {
    const system = await loadFixture(pumpedVault);
    const announced = await now();
    for (let i = 0; i < 24; ++i) {
      await pass(HOUR);
      await system.tell(STORM);
      await system.applyTo();
      await expect(system.start(system.otherBorrower)).to.be.revertedWithCustomError(
        system.code,
        "PositionHealthy",
      );
    }
    expect((await now()) - announced).to.equal(NOTICE);
    // Even then the ramp has only begun, and its first step ends above the most that can be borrowed.
    await pass(RAMP);
    await expect(system.start(system.otherBorrower)).to.be.revertedWithCustomError(
      system.code,
      "PositionHealthy",
    );
    expect(await system.vault.liquidationLtvBps()).to.equal(
      CALM.liquidationLtv - BOUNDS.liquidationLtv.tightStep,
    );
  });

  it("to reach a borrower at the limit the pump must last for two notices and a ramp, in public", async () => {
    const system = await loadFixture(pumpedVault);
    const begun = await now();
    let isSold = false;
    while (!isSold) {
      await pass(6n * HOUR);
      await system.tell(STORM);
      await system.applyTo();
      isSold = await system.start(system.otherBorrower).then(
        () => true,
        () => false,
      );
    }
    expect((await now()) - begun).to.be.greaterThan(2n * NOTICE + RAMP);
  });

  it("who hears the announcement can leave in time: by repaying, at no loss", async () => {
    const system = await loadFixture(pumpedVault);
    await pass(NOTICE - 1n);
    await system.vault.connect(system.otherBorrower).repay(30_000n * LOAN, system.otherBorrower);
    for (let i = 0; i < 12; ++i) {
      await pass(12n * HOUR);
      await system.tell(STORM);
      await system.applyTo();
      await expect(system.start(system.otherBorrower)).to.be.revertedWithCustomError(
        system.code,
        "PositionHealthy",
      );
    }
  });

  it("the guardian's veto ends it, and the freeze keeps it ended", async () => {
    const system = await loadFixture(pumpedVault);
    await pass(NOTICE);
    await system.tell();
    await system.applyTo();
    await pass(RAMP / 2n);
    await system.steward.connect(system.guardian).veto(system.vault);
    await system.steward.connect(system.guardian).freeze();
    const here = await system.vault.liquidationLtvBps();
    await pass(10n * RAMP);
    expect(await system.vault.liquidationLtvBps()).to.equal(here);
    await expect(system.applyTo()).to.be.revertedWithCustomError(system.steward, "Frozen");
  });

  it("a sale that is live keeps its terms, whatever is pumped", async () => {
    const system = await loadFixture(calmVault);
    await system.sink();
    await system.start();
    const before = await system.vault.quoteTake(system.borrower);
    await system.tell(STORM);
    await system.applyTo();
    expect(await system.vault.quoteTake(system.borrower)).to.deep.equal(before);
  });

  it("flapping between storm and calm does not use up the numbers of terms", async () => {
    const system = await loadFixture(calmVault);
    const { termsId } = await system.vault.params();
    for (let i = 0; i < 12; ++i) {
      await system.tell(i % 2 === 0 ? STORM : { ...STORM, volatility: 3n * (STORM.volatility ?? 0n) });
      await system.applyTo();
      await pass(HOUR / 4n);
    }
    // Three hours, a delay of two.
    expect((await system.vault.params()).termsId - termsId).to.equal(2n);
    expect(TIGHT_DELAY).to.equal(2n * HOUR);
  });
});
