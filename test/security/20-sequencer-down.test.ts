import { expect } from "chai";
import { network } from "hardhat";

import { OracleState } from "../../sdk/oracleAdapter.ts";
import { feedsSay, Mode, SEQUENCER_GRACE } from "../helpers/oracleSystem.ts";
import {
  deployOracleVault,
  EVERYTHING_FRESH,
  openPosition,
  type OracleVault,
  startSale,
  STORY,
  takeOf,
} from "../helpers/oracleVault.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { networkHelpers } = connection;
const { time } = networkHelpers;

/** An outage, seconds. */
const OUTAGE = 3_000n;
const crashed = { primary: { price: STORY.crash }, second: { price: STORY.crash } };
/** Insolvent by far: the collateral is worth less than the debt. */
const deep = { primary: { price: 1_400n }, second: { price: 1_400n } };

describe("Security 20: the sequencer is down", () => {
  async function onRollup() {
    const system = await deployOracleVault(connection, { hasSequencer: true });
    await feedsSay(system, { ...EVERYTHING_FRESH, sequencer: { isUp: true, age: SEQUENCER_GRACE } });
    await openPosition(system, system.borrower);
    return system;
  }
  const load = () => networkHelpers.loadFixture(onRollup);

  const goDown = (system: OracleVault) => system.sequencer.pushAnswer(1n);
  async function comeBack(system: OracleVault): Promise<bigint> {
    await system.sequencer.pushAnswer(0n);
    return BigInt(await time.latest());
  }

  it("no sale starts or goes on, no loan goes out, and what needs no price works", async () => {
    const system = await load();
    const { vault, borrower, keeper, lender, oneLoan, oneCollateral } = system;
    await feedsSay(system, crashed);
    await startSale(system);
    await goDown(system);
    expect((await system.oracle.price()).state).to.equal(OracleState.STALE);
    await expect(vault.connect(keeper).take(takeOf(system))).to.be.revertedWithCustomError(
      vault,
      "OracleStale",
    );
    await expect(startSale(system)).to.be.revertedWithCustomError(vault, "OracleStale");
    await expect(vault.connect(borrower).borrow(oneLoan, borrower, borrower)).to.be.revertedWithCustomError(
      vault,
      "OracleNotFresh",
    );
    await vault.connect(borrower).supplyCollateral(oneCollateral, borrower);
    await vault.connect(borrower).repay(1_000n * oneLoan, borrower);
    await vault.connect(lender).withdraw(1_000n * oneLoan, lender, lender);
  });

  it("after its return no discount has ripened: the borrower has the time again that a sale gives", async () => {
    const system = await load();
    const { vault, borrower } = system;
    await feedsSay(system, crashed);
    await startSale(system);
    for (let i = 0; i < 5; ++i) {
      await time.increase(120n);
      await feedsSay(system, crashed);
      await vault.touch(borrower);
    }
    const before = await vault.quoteTake(borrower);
    expect(before.ownSeconds).to.be.greaterThan(600n);

    await goDown(system);
    await time.increase(OUTAGE);
    const back = await comeBack(system);
    const now = await feedsSay(system, crashed);
    const after = await vault.quoteTake(borrower);
    expect(after.liveSeconds).to.equal(now - back);
    expect(after.price).to.be.greaterThan(before.price);
    // A minute at a hold of 1.5%: what the outage lasted counts for nothing.
    expect(after.price).to.be.greaterThan((STORY.crash * system.onePrice * 98n) / 100n);
  });

  it("the borrower can repay in that time, before anybody gains from selling", async () => {
    const system = await load();
    const { vault, borrower, oneLoan } = system;
    await feedsSay(system, crashed);
    await startSale(system);
    await goDown(system);
    await time.increase(OUTAGE);
    await comeBack(system);
    await feedsSay(system, crashed);
    await expect(vault.connect(borrower).repay(5_000n * oneLoan, borrower)).to.emit(vault, "SaleEnded");
  });

  it("during the grace nothing is lent, but who is deep under water can be sold out", async () => {
    const system = await load();
    const { vault, borrower, keeper, oneLoan } = system;
    await goDown(system);
    await time.increase(OUTAGE);
    const back = await comeBack(system);
    const now = await feedsSay(system, deep);
    expect(now).to.be.lessThan(back + SEQUENCER_GRACE);
    expect((await system.oracle.price()).state).to.equal(OracleState.SUSPECT);
    await expect(vault.connect(borrower).borrow(oneLoan, borrower, borrower)).to.be.revertedWithCustomError(
      vault,
      "OracleNotFresh",
    );
    await startSale(system);
    await expect(vault.connect(keeper).take(takeOf(system))).to.emit(vault, "Take");
  });

  it("an alarm that was false stops nobody once it is over, and a healthy position is safe throughout", async () => {
    const system = await load();
    const { vault } = system;
    await goDown(system);
    await expect(startSale(system)).to.be.revertedWithCustomError(vault, "OracleStale");
    await comeBack(system);
    await feedsSay(system, { primary: { price: 2_000n }, second: { price: 2_000n } });
    await expect(startSale(system)).to.be.revertedWithCustomError(vault, "PositionHealthy");
    await feedsSay(system, deep);
    await startSale(system);
  });

  it("lends again when the grace is over", async () => {
    const system = await load();
    const { vault, borrower, oneLoan } = system;
    await goDown(system);
    const back = await comeBack(system);
    await time.increaseTo(back + SEQUENCER_GRACE);
    await feedsSay(system, { primary: { price: 2_000n }, second: { price: 2_000n } });
    await vault.connect(borrower).borrow(oneLoan, borrower, borrower);
  });

  it("a sequencer feed that breaks counts as down: nothing is sold on a price that nobody could answer", async () => {
    const system = await load();
    const { vault, borrower, oneLoan } = system;
    await feedsSay(system, deep);
    for (const mode of [Mode.REVERT, Mode.BURN_GAS, Mode.SHORT_ANSWER, Mode.HUGE_ANSWER]) {
      await system.sequencer.setMode(mode);
      await expect(startSale(system)).to.be.revertedWithCustomError(vault, "OracleStale");
      await vault.connect(borrower).repay(oneLoan, borrower);
    }
  });
});
