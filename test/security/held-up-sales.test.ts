import { expect } from "chai";

import { leastLot } from "../../sdk/terms.ts";
import { BPS } from "../../sdk/math.ts";
import { ethers, loadFixture } from "../helpers/chain.ts";
import { CALM_TERMS, COLL, deployVault, LOAN, prepare, STORY } from "../helpers/vault.ts";

const { horizon: HORIZON, halfLife: HALF_LIFE, holdBps: HOLD, penaltyBps: PENALTY } = CALM_TERMS;
const LARGEST = STORY.debt;
const LOT = leastLot(LARGEST);
/** The vault-wide clock holds a sale up for so many horizons at most. */
const HELD = 8n;

/** The largest position for sale beside one of whoever holds it up, in a vault with the smallest lot that it admits. */
async function besideTheLargest() {
  const system = await prepare(
    await deployVault({ config: { maxPositionDebt: LARGEST }, terms: { lot: LOT } }),
  );
  const { vault, borrower, otherBorrower, open, sink, start, take, pass } = system;
  await open(borrower);
  await open(otherBorrower, 95n * COLL);
  await sink();
  await start();
  await start(otherBorrower);

  // Nobody has bought for long: the clock is full, and the first lot empties it.
  await take({ borrower: otherBorrower.address, maxRepay: LOT });
  const spent = { bought: LOT, penalties: (LOT * PENALTY) / BPS };
  /** One horizon: the largest position is proved as keepers would, and somebody buys of the other what keeps the clock back. */
  const holdUp = async (): Promise<void> => {
    for (let passed = 0n; passed < HORIZON; passed += HALF_LIFE / 2n) {
      await pass(HALF_LIFE / 2n);
      await vault.touch(borrower);
      await vault.touch(otherBorrower);
      const part = (LOT * HALF_LIFE) / 2n / HORIZON + LOAN;
      await take({ borrower: otherBorrower.address, maxRepay: part });
      spent.bought += part;
      spent.penalties += (part * PENALTY) / BPS;
    }
  };
  const discountBps = async (): Promise<bigint> => {
    const { price } = await vault.quoteTake(borrower);
    return ((STORY.sunk - price) * BPS) / STORY.sunk;
  };
  return { ...system, spent, holdUp, discountBps };
}

describe("Security: sales that somebody holds up by buying of others", () => {
  it("are held up for an eighth of the largest position in real purchases, and for eight horizons at most", async () => {
    const { spent, holdUp, discountBps } = await loadFixture(besideTheLargest);
    for (let i = 0n; i < HELD; i++) {
      await holdUp();
      // The clock shows a tenth of a horizon at most between two purchases.
      expect(await discountBps()).to.be.within(HOLD - 1n, HOLD + 60n);
    }
    expect(spent.bought).to.be.at.least(LARGEST / 8n);
    expect(spent.penalties).to.be.at.least((LARGEST * PENALTY) / BPS / 8n);
    for (let i = 0n; i < 2n; i++) await holdUp();
    expect(await discountBps()).to.be.above(5n * HOLD - 100n);
  });

  it("cannot be held up for less: no vault has a lot under a 64th of its largest position", async () => {
    const { vault, governor, terms } = await loadFixture(besideTheLargest);
    await expect(vault.connect(governor).setTerms({ ...terms, lot: LOT - 1n }))
      .to.be.revertedWithCustomError(vault, "InvalidParameter")
      .withArgs(ethers.encodeBytes32String("lot"), LOT - 1n);
    const { supplyCap, borrowCap } = { supplyCap: 10n ** 12n * LOAN, borrowCap: 10n ** 12n * LOAN };
    await expect(vault.connect(governor).setCaps(supplyCap, borrowCap, 64n * LOT + 1n))
      .to.be.revertedWithCustomError(vault, "InvalidParameter")
      .withArgs(ethers.encodeBytes32String("lot"), LOT);
  });
});
