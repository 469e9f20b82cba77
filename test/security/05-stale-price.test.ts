import { expect } from "chai";
import { network } from "hardhat";

import { OracleState } from "../../sdk/oracleAdapter.ts";
import { feedsSay, HEARTBEAT } from "../helpers/oracleSystem.ts";
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

describe("Security 5: stale prices", () => {
  async function lent() {
    const system = await deployOracleVault(connection);
    await openPosition(system, system.borrower);
    return system;
  }
  const load = () => networkHelpers.loadFixture(lent);

  /** Everything that must work whatever the price is. */
  async function expectWaysOut(system: OracleVault): Promise<void> {
    const { vault, loan, collateral, lender, borrower, oneLoan, oneCollateral } = system;
    await expect(vault.connect(borrower).repay(1_000n * oneLoan, borrower)).to.changeTokenBalance(
      connection.ethers,
      loan,
      borrower,
      -1_000n * oneLoan,
    );
    await expect(vault.connect(borrower).supplyCollateral(oneCollateral, borrower)).to.changeTokenBalance(
      connection.ethers,
      collateral,
      vault,
      oneCollateral,
    );
    await expect(vault.connect(lender).withdraw(5_000n * oneLoan, lender, lender)).to.changeTokenBalance(
      connection.ethers,
      loan,
      lender,
      5_000n * oneLoan,
    );
  }

  async function expectNoWayToBorrow({ vault, borrower, oneLoan }: OracleVault): Promise<void> {
    await expect(vault.connect(borrower).borrow(oneLoan, borrower, borrower)).to.be.revertedWithCustomError(
      vault,
      "OracleNotFresh",
    );
    await expect(
      vault.connect(borrower).withdrawCollateral(1n, borrower, borrower),
    ).to.be.revertedWithCustomError(vault, "OracleNotFresh");
  }

  it("lends up to the last second of the heartbeat and not one later", async () => {
    const system = await load();
    const { vault, borrower, oneLoan, oracle } = system;
    const now = await feedsSay(system, EVERYTHING_FRESH);
    await networkHelpers.time.setNextBlockTimestamp(now + HEARTBEAT);
    await vault.connect(borrower).borrow(oneLoan, borrower, borrower);
    await networkHelpers.time.increaseTo(now + HEARTBEAT + 1n);
    expect((await oracle.price()).state).to.equal(OracleState.STALE);
    await expectNoWayToBorrow(system);
  });

  it("when both feeds have passed their heartbeat: no loan, no sale, and every way out is open", async () => {
    const system = await load();
    await feedsSay(system, {
      primary: { price: STORY.crash, age: HEARTBEAT + 1n },
      second: { price: STORY.crash, age: HEARTBEAT + 1n },
    });
    await expectNoWayToBorrow(system);
    await expect(startSale(system)).to.be.revertedWithCustomError(system.vault, "OracleStale");
    await expectWaysOut(system);
  });

  it("when one feed has: no loan, but sales go on, on the other's price", async () => {
    const system = await load();
    await feedsSay(system, { primary: { age: 3n * HEARTBEAT }, second: { price: STORY.crash } });
    await expectNoWayToBorrow(system);
    await expectWaysOut(system);
    // What was repaid and added made it healthy on 1,750: it falls further.
    await feedsSay(system, { primary: { age: 3n * HEARTBEAT }, second: { price: 1_500n } });
    await startSale(system);
    await system.vault.connect(system.keeper).take(takeOf(system));
  });

  it("a price pinned to its floor while the market falls through it decides nothing", async () => {
    const system = await load();
    const { vault, oracle, onePrice, borrower, oneLoan } = system;
    // The primary has stopped at its floor; what the market pays is known from the second source alone.
    await feedsSay(system, { primary: { price: 1n }, second: { price: 1_200n } });
    const price = await oracle.price();
    expect(price.state).to.equal(OracleState.SUSPECT);
    expect(price.deciding).to.equal(1_200n * onePrice);
    await expectNoWayToBorrow(system);
    await startSale(system);
    expect((await vault.quoteTake(borrower)).price).to.equal(1_200n * onePrice);
    expect((await vault.quoteTake(borrower)).repay).to.be.greaterThan(oneLoan);
  });

  it("nothing can be borrowed against a floor that is the only price left", async () => {
    const system = await networkHelpers.loadFixture(single);
    // A floor price above the market's is what let borrowers drain lenders in May 2022.
    await feedsSay(system, { primary: { price: 1n } });
    expect((await system.oracle.price()).state).to.equal(OracleState.STALE);
    await expectNoWayToBorrow(system);
    await expectWaysOut(system);
  });
  async function single() {
    const system = await deployOracleVault(connection, { hasSecond: false });
    await openPosition(system, system.borrower);
    return system;
  }

  it("a late price cannot be picked while the other source knows better: loans are measured on the lower one", async () => {
    const system = await load();
    const { vault, borrower, oneLoan, onePrice } = system;
    // Both alive; the primary has not moved yet, the market is 1.9% lower: inside the band, FRESH.
    await feedsSay(system, { primary: { price: 2_000n, age: 3_000n }, second: { price: 1_962n } });
    expect((await system.oracle.price()).state).to.equal(OracleState.FRESH);
    const most = (STORY.collateral * 1_962n * oneLoan * 80n) / 100n;
    const more = most - STORY.debt * oneLoan;
    await expect(vault.connect(borrower).borrow(more + 1n, borrower, borrower))
      .to.be.revertedWithCustomError(vault, "InsufficientCollateral")
      .withArgs(most + 1n, most);
    await vault.connect(borrower).borrow(more, borrower, borrower);
    expect((await system.oracle.price()).deciding).to.equal(2_000n * onePrice);
  });

  it("a source that lags upwards does not let a sale be dodged, nor one that lags downwards start one", async () => {
    const system = await load();
    const { vault } = system;
    // The primary decides whichever way the second one lags.
    await feedsSay(system, { primary: { price: STORY.crash }, second: { price: 2_000n } });
    expect((await system.oracle.price()).state).to.equal(OracleState.SUSPECT);
    await startSale(system);
    const other = await load();
    await feedsSay(other, { primary: { price: 2_000n }, second: { price: STORY.crash } });
    await expect(startSale(other)).to.be.revertedWithCustomError(vault, "PositionHealthy");
  });
});
