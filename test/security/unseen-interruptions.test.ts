import { expect } from "chai";
import { network } from "hardhat";

import { OracleState } from "../../sdk/oracleAdapter.ts";
import { feedsSay, HEARTBEAT, Mode, type OracleSystem } from "../helpers/oracleSystem.ts";
import { deployOracleVault, openPosition, startSale, STORY, takeOf } from "../helpers/oracleVault.ts";

const connection = await network.create({ network: "sim", chainType: "l1", override: { gas: 30_000_000n } });
const { networkHelpers } = connection;
const { time } = networkHelpers;

const LATENESS = 300n;
const DAY = 86_400n;
const SALES = 8n;
/** Whole loan tokens per whole collateral token. */
const DUST_PRICE = 2n;
const CRASHED = { primary: { price: STORY.crash }, second: { price: STORY.crash } } as const;

describe("Security 23: interruptions of the oracle that sale clocks must see", () => {
  async function forSale() {
    const system = await deployOracleVault(connection);
    await openPosition(system, system.borrower);
    await feedsSay(system, CRASHED);
    await startSale(system);
    return system;
  }
  const load = () => networkHelpers.loadFixture(forSale);
  const ownSeconds = async ({ vault, borrower }: Awaited<ReturnType<typeof forSale>>) =>
    (await vault.quoteTake(borrower)).ownSeconds;

  async function breakAll({ primary, second }: OracleSystem, mode: bigint): Promise<void> {
    for (const feed of [primary, second]) await feed.setMode(mode);
  }

  it("AUC-3 answers out of bounds for fifty minutes, within a heartbeat of the last touch, restart the clocks", async () => {
    const system = await load();
    await time.increase(LATENESS);
    await feedsSay(system, { primary: { answer: 0n }, second: { answer: -1n } });
    expect((await system.oracle.price()).state).to.equal(OracleState.STALE);
    await time.increase(3_000n);
    const back = await feedsSay(system, CRASHED);
    await time.increaseTo(back + 50n);
    expect(await ownSeconds(system)).to.equal(50n);
    const { price } = await system.vault.quoteTake(system.borrower);
    // Nothing of the discount of the fifty minutes in which nobody could act.
    expect(price).to.be.greaterThan((STORY.crash * system.onePrice * 98n) / 100n);
  });

  it("AUC-3 also where rounds came in quick succession since", async () => {
    const system = await load();
    await time.increase(LATENESS);
    await feedsSay(system, { primary: { answer: 0n }, second: { answer: -1n } });
    await time.increase(3_000n);
    const back = await feedsSay(system, CRASHED);
    for (let i = 0; i < 6; ++i) await feedsSay(system, CRASHED);
    const now = BigInt(await time.latest());
    const { ownSeconds: own, liveSeconds } = await system.vault.quoteTake(system.borrower);
    expect(liveSeconds).to.equal(now - back);
    expect(own).to.be.at.most(liveSeconds);
  });

  it("AUC-3 feeds that revert for fifty minutes and show nothing of it later: anybody may write it down", async () => {
    const system = await load();
    await time.increase(LATENESS);
    await breakAll(system, Mode.REVERT);
    await time.increase(3_000n);
    await system.oracle.connect(system.stranger).recordOutage();
    const recordedAt = BigInt(await time.latest());
    await breakAll(system, Mode.ANSWER);
    await time.increase(48n);
    const now = BigInt(await time.latest());
    expect((await system.oracle.price()).state).to.equal(OracleState.FRESH);
    expect(await ownSeconds(system)).to.equal(now - recordedAt);
  });

  it("AUC-3 an outage of three hours after sales were paused for more than a day restarts the clocks", async () => {
    const system = await load();
    const { vault, primary, second, oneAnswer } = system;
    await vault.pause(SALES);
    await time.increase(DAY + HEARTBEAT);
    await feedsSay(system, CRASHED);
    await vault.unpause(SALES);
    // Nobody proved the sale for more than a day.
    await startSale(system);
    const unpausedAt = BigInt(await time.latest());
    await time.increaseTo(unpausedAt + 3n * HEARTBEAT + 480n);
    expect((await system.oracle.price()).state).to.equal(OracleState.STALE);
    for (const feed of [primary, second]) await feed.pushAnswer(STORY.crash * oneAnswer);
    const back = BigInt(await time.latest());
    const own = await ownSeconds(system);
    expect(own).to.be.at.most(back - unpausedAt - 3n * HEARTBEAT);
    expect(own).to.be.at.most(2n);
    await expect(vault.connect(system.keeper).take(takeOf(system))).to.emit(vault, "Take");
  });

  it("AUC-3 what the clock has offered on one price alone is not swept, however long the oracle was dead before", async () => {
    const system = await networkHelpers.loadFixture(tiny);
    const { vault, borrower, oneAnswer, primary, second } = system;
    const { horizon } = await vault.terms((await vault.position(borrower)).termsId);
    // Longer than a horizon without a price, within the day that a sale lasts at most.
    await time.increase(HEARTBEAT + horizon + LATENESS);
    expect((await system.oracle.price()).state).to.equal(OracleState.STALE);
    for (const feed of [primary, second]) await feed.pushAnswer(DUST_PRICE * oneAnswer);
    expect((await vault.quoteTake(borrower)).ownSeconds).to.be.at.most(2n);
    await expect(vault.realizeLoss(borrower)).to.be.revertedWithCustomError(vault, "NotOfferedYet");
    // Offered for a horizon, it is swept.
    const [, , , updatedAt] = await second.latestRoundData();
    await time.increaseTo(updatedAt + horizon);
    await expect(vault.realizeLoss(borrower)).to.emit(vault, "LossRealized");
  });
  /** A sale whose collateral is worth less than a hundredth of the smallest debt. */
  async function tiny() {
    const system = await deployOracleVault(connection);
    const { vault, borrower, oneLoan, oneCollateral } = system;
    await vault.connect(borrower).supplyCollateral((7n * oneCollateral) / 100n, borrower);
    await vault.connect(borrower).borrow(100n * oneLoan, borrower, borrower);
    await feedsSay(system, { primary: { price: DUST_PRICE }, second: { price: DUST_PRICE } });
    await startSale(system);
    return system;
  }
});
