import { expect } from "chai";

import { PARAMETERS } from "../../sdk/stewardMath.ts";
import { loadFixture, pass } from "../helpers/chain.ts";
import {
  BOUNDS,
  CALM,
  CALM_DEPTH,
  CALM_SAID,
  calmVault,
  HOUR,
  LOOSE_DELAY,
  MAX_GAP,
  STORM,
  TIGHT_DELAY,
} from "../helpers/steward.ts";

/** What a flash deposit, or a withdrawal, makes of a pool for one block, had the depth oracle no window at all. */
const EMPTY = 0n;
const FLOODED = 2n ** 128n - 1n;

describe("Security: a pool is manipulated for one block, and the steward looks at it", () => {
  async function tightVault() {
    const system = await calmVault();
    for (let i = 0; i < 4; ++i) {
      await system.tell(STORM);
      await system.applyTo();
      await pass(TIGHT_DELAY);
    }
    return system;
  }

  it("emptied: every parameter moves by its step at most, once, and no position is touched", async () => {
    const system = await loadFixture(calmVault);
    const { vault, borrower, stranger } = system;
    const position = await vault.position(borrower);
    const debt = await vault.debtOf(borrower);
    await system.tell({ depth: EMPTY });
    for (let i = 0; i < 5; ++i) await system.applyTo(stranger);
    const values = await system.values();
    for (const parameter of PARAMETERS) {
      const change = values[parameter] - CALM[parameter];
      const distance = change < 0n ? -change : change;
      expect(distance <= BOUNDS[parameter].tightStep, `${parameter} by ${change}`).to.equal(true);
    }
    expect(values.liquidationLtv).to.equal(CALM.liquidationLtv);
    expect(await vault.position(borrower)).to.deep.equal(position);
    expect(await vault.debtOf(borrower)).to.equal(debt);
    await expect(system.start()).to.be.revertedWithCustomError(system.code, "PositionHealthy");
  });

  it("emptied: what was announced in that block is withdrawn a day later, and no ramp has moved", async () => {
    const system = await loadFixture(calmVault);
    await system.tell({ depth: EMPTY });
    await expect(system.applyTo()).to.emit(system.steward, "LiquidationLtvAnnounced");
    await system.tell(CALM_SAID);
    await system.applyFor(24n * HOUR, 6n * HOUR);
    expect((await system.steward.state(system.vault)).startsAt).to.equal(0n);
    const params = await system.vault.params();
    expect(params.liquidationLtvFromBps).to.equal(CALM.liquidationLtv);
    expect(params.liquidationLtvToBps).to.equal(CALM.liquidationLtv);
  });

  it("flooded: nothing is loosened, neither in that block nor, seen at both ends of the delay, after it", async () => {
    const system = await loadFixture(tightVault);
    const before = await system.values();
    await system.tell({ ...CALM_SAID, depth: FLOODED });
    await system.applyTo();
    expect(await system.values()).to.deep.equal(before);
    // He comes back when the delay has passed, and nobody has looked since.
    await pass(LOOSE_DELAY);
    await system.tell();
    await system.applyTo();
    expect((await system.values()).stressDepth).to.equal(before.stressDepth);
  });

  it("flooded at every look: one look of anybody else's at the real pool starts the delay anew", async () => {
    const system = await loadFixture(tightVault);
    const before = await system.values();
    for (let passed = 0n; passed < 3n * LOOSE_DELAY; passed += MAX_GAP) {
      await system.tell({ ...CALM_SAID, depth: FLOODED });
      await system.applyTo();
      await pass(MAX_GAP / 2n);
      await system.tell(STORM);
      await system.applyTo();
      await pass(MAX_GAP / 2n);
    }
    const after = await system.values();
    expect(after.stressDepth).to.be.at.most(before.stressDepth);
    expect(after.borrowCap).to.be.at.most(before.borrowCap);
    expect(after.policyDepth).to.be.at.most(before.policyDepth);
    expect(after.lot).to.be.at.most(before.lot);
  });

  it("flooded for good: no further than the governor's ceilings", async () => {
    const system = await loadFixture(tightVault);
    await system.tell({ ...CALM_SAID, depth: FLOODED });
    await system.applyFor(40n * LOOSE_DELAY, 12n * HOUR);
    const values = await system.values();
    for (const parameter of PARAMETERS) {
      expect(values[parameter] <= BOUNDS[parameter].ceiling, parameter).to.equal(true);
    }
    expect(values.policyDepth).to.equal(CALM_DEPTH);
  });
});
