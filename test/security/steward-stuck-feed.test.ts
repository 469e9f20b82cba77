import { expect } from "chai";

import { loadFixture, pass } from "../helpers/chain.ts";
import { CALM, calmVault, HOUR, LOOSE_DELAY, STORM, TIGHT_DELAY } from "../helpers/steward.ts";
import { COLL, LOAN, STORY } from "../helpers/vault.ts";

describe("Security: a feed gets stuck", () => {
  it("on a calm figure: all stays, and nobody is sold out", async () => {
    const system = await loadFixture(calmVault);
    await pass(3n * HOUR);
    for (let i = 0; i < 20; ++i) {
      await system.applyTo();
      await pass(6n * HOUR);
    }
    expect(await system.values()).to.deep.equal(CALM);
    await expect(system.start()).to.be.revertedWithCustomError(system.code, "PositionHealthy");
  });

  it("on a wild figure: it stops counting when it is old, and what it tightened stays tight until it lives", async () => {
    const system = await loadFixture(calmVault);
    await system.tell(STORM);
    await system.applyTo();
    await pass(TIGHT_DELAY);
    await system.applyTo();
    const before = await system.values();
    for (let i = 0; i < 2n * (LOOSE_DELAY / (6n * HOUR)); ++i) {
      await pass(6n * HOUR);
      await system.applyTo();
    }
    const after = await system.values();
    expect({ ...after, liquidationLtv: 0n }).to.deep.equal({ ...before, liquidationLtv: 0n });
    // One step was announced, on a figure that was alive: it waits for the input that asked for it.
    expect(after.liquidationLtv).to.equal(CALM.liquidationLtv);
    expect((await system.steward.state(system.vault)).startsAt).to.be.above(0n);
  });

  it("with the price dead too, the vault works without its steward: repaying, leaving, adding collateral", async () => {
    const system = await loadFixture(calmVault);
    await pass(3n * HOUR);
    await system.stale();
    await system.inputs.setMode(1n);
    await system.applyTo();
    await system.vault.connect(system.borrower).repay(1_000n * LOAN, system.borrower);
    await system.vault.connect(system.lender).withdraw(1_000n * LOAN, system.lender, system.lender);
    await system.fund(system.borrower, 0n, COLL);
    await system.vault.connect(system.borrower).supplyCollateral(COLL, system.borrower);
    expect((await system.vault.position(system.borrower)).collateral).to.equal(STORY.collateral + COLL);
  });
});
