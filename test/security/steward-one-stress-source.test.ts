import { expect } from "chai";

import { WAD } from "../../sdk/math.ts";
import { PARAMETERS } from "../../sdk/stewardMath.ts";
import { loadFixture, pass } from "../helpers/chain.ts";
import {
  BOUNDS,
  CALM,
  CALM_SAID,
  calmVault,
  HOUR,
  LOOSE_DELAY,
  NOTICE,
  TIGHT_DELAY,
} from "../helpers/steward.ts";

describe("Security: stress is fed from one source", () => {
  it("says nothing while the monitor has too few: no parameter is moved, on neither side", async () => {
    const system = await loadFixture(calmVault);
    await system.tell({ stress: WAD, hasStress: false });
    await system.applyTo();
    await pass(TIGHT_DELAY);
    await system.tell({ stress: WAD, hasStress: false });
    await system.applyTo();
    expect(await system.values()).to.deep.equal(CALM);
  });

  it("even where it speaks for all: a step at a time, and a day's notice before anybody's health", async () => {
    const system = await loadFixture(calmVault);
    await system.tell({ stress: WAD });
    await system.applyTo();
    const values = await system.values();
    for (const parameter of PARAMETERS) {
      const change = values[parameter] - CALM[parameter];
      const distance = change < 0n ? -change : change;
      expect(distance <= BOUNDS[parameter].tightStep, parameter).to.equal(true);
    }
    await pass(NOTICE - 1n);
    await system.tell();
    await system.applyTo();
    expect(await system.vault.liquidationLtvBps()).to.equal(CALM.liquidationLtv);
  });

  it("falling silent in a storm loosens nothing", async () => {
    const system = await loadFixture(calmVault);
    await system.tell({ stress: WAD });
    await system.applyTo();
    const before = await system.values();
    for (let passed = 0n; passed < 2n * LOOSE_DELAY; passed += 6n * HOUR) {
      await pass(6n * HOUR);
      await system.tell({ ...CALM_SAID, hasStress: false });
      await system.applyTo();
    }
    const after = await system.values();
    expect({ ...after, liquidationLtv: 0n }).to.deep.equal({ ...before, liquidationLtv: 0n });
    expect(after.liquidationLtv).to.be.at.most(before.liquidationLtv);
  });
});
