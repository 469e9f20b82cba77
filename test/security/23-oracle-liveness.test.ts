import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import { network } from "hardhat";

import { OracleState } from "../../sdk/oracleAdapter.ts";
import { feedsSay, HEARTBEAT, Mode, type Say } from "../helpers/oracleSystem.ts";
import {
  deployOracleVault,
  openPosition,
  type OracleVault,
  startSale,
  STORY,
  takeOf,
} from "../helpers/oracleVault.ts";

// Estimates of gas fail where an inner call runs out of it: transactions carry a limit of their own.
const connection = await network.create({ network: "sim", chainType: "l1", override: { gas: 30_000_000n } });
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const BREAKS: readonly [string, Say][] = [
  ["reverts", { mode: Mode.REVERT }],
  ["burns all the gas that it gets", { mode: Mode.BURN_GAS }],
  ["answers too little", { mode: Mode.SHORT_ANSWER }],
  ["answers a hundred thousand bytes", { mode: Mode.HUGE_ANSWER }],
  ["answers a negative number", { answer: -2_000n * 10n ** 8n }],
  ["answers the most negative number", { answer: -(2n ** 127n) }],
  ["answers 0", { answer: 0n }],
  ["answers the greatest number", { answer: 2n ** 127n - 1n }],
  ["answers from the future", { age: -10_000n }],
  ["answers from long ago", { age: 100n * HEARTBEAT }],
];

describe("Security 23: the oracle breaks", () => {
  async function forSale() {
    const system = await deployOracleVault(connection);
    const { borrower, stranger } = system;
    await openPosition(system, borrower);
    // A healthy neighbour, and a third who has collateral and no debt.
    await openPosition(system, stranger, 100n, STORY.debt);
    await openPosition(system, system.keeper, 1n, 0n);
    await feedsSay(system, { primary: { price: STORY.crash }, second: { price: STORY.crash } });
    await startSale(system);
    return system;
  }
  const load = () => networkHelpers.loadFixture(forSale);

  const gasOf = async (sent: Promise<ContractTransactionResponse>): Promise<bigint> =>
    (await (await sent).wait())?.gasUsed ?? 0n;

  /** All that must work without a price, for a position in sale and for a healthy one. */
  async function expectWaysOut(system: OracleVault): Promise<void> {
    const { vault, loan, collateral, lender, borrower, stranger, keeper, oneLoan, oneCollateral } = system;
    for (const owner of [borrower, stranger]) {
      await vault.connect(owner).supplyCollateral(oneCollateral / 10n, owner);
      await vault.connect(owner).repay(100n * oneLoan, owner);
    }
    // In full, and the collateral with it.
    await vault.connect(stranger).repay(STORY.debt * oneLoan, stranger);
    const { collateral: all } = await vault.position(stranger);
    await expect(vault.connect(stranger).withdrawCollateral(all, stranger, stranger)).to.changeTokenBalance(
      ethers,
      collateral,
      stranger,
      all,
    );
    await vault.connect(keeper).withdrawCollateral(oneCollateral, keeper, keeper);
    await expect(vault.connect(lender).withdraw(900_000n * oneLoan, lender, lender)).to.changeTokenBalance(
      ethers,
      loan,
      lender,
      900_000n * oneLoan,
    );
    await vault.connect(lender).redeem((await vault.balanceOf(lender)) / 2n, lender, lender);
  }

  async function expectNothingLent({ vault, stranger, oneLoan, oneCollateral }: OracleVault): Promise<void> {
    await expect(vault.connect(stranger).borrow(oneLoan, stranger, stranger)).to.be.revertedWithCustomError(
      vault,
      "OracleNotFresh",
    );
    await expect(
      vault.connect(stranger).withdrawCollateral(oneCollateral, stranger, stranger),
    ).to.be.revertedWithCustomError(vault, "OracleNotFresh");
  }

  for (const [what, say] of BREAKS) {
    it(`when each feed ${what}: nothing is lent or sold, everybody can leave, and repaying in full ends the sale`, async () => {
      const system = await load();
      const { vault, borrower, keeper, oneLoan } = system;
      await feedsSay(system, { primary: say, second: say });
      expect((await system.oracle.price()).state).to.equal(OracleState.STALE);
      await expectNothingLent(system);
      await expect(vault.connect(keeper).take(takeOf(system))).to.be.revertedWithCustomError(
        vault,
        "OracleStale",
      );
      await expectWaysOut(system);
      await expect(vault.connect(borrower).repay(STORY.debt * oneLoan, borrower)).to.emit(vault, "SaleEnded");
      expect(await vault.debtOf(borrower)).to.equal(0n);
    });

    it(`when one feed ${what}: nothing is lent, and the sale goes on with the other`, async () => {
      for (const place of ["primary", "second"] as const) {
        const system = await load();
        const alive = { price: STORY.crash };
        await feedsSay(system, { primary: alive, second: alive, [place]: say });
        expect((await system.oracle.price()).state).to.equal(OracleState.SUSPECT);
        await expectNothingLent(system);
        await expect(system.vault.connect(system.keeper).take(takeOf(system))).to.emit(system.vault, "Take");
        await expectWaysOut(system);
      }
    });
  }

  it("feeds that burn their gas cost a repayment their allowance, and not the block @gas", async () => {
    const system = await load();
    const { vault, borrower, oneLoan } = system;
    const before = await gasOf(vault.connect(borrower).repay(100n * oneLoan, borrower));
    for (const feed of [system.primary, system.second]) await feed.setMode(Mode.BURN_GAS);
    const after = await gasOf(vault.connect(borrower).repay(100n * oneLoan, borrower));
    expect(after - before).to.be.within(180_000n, 205_000n);
  });

  it("no choice of gas makes the vault see another state than there is", async () => {
    const system = await load();
    const { vault, borrower, keeper } = system;
    const state = async (gasLimit: bigint) => {
      try {
        await vault.connect(keeper).startSale.staticCall(borrower, ethers.ZeroAddress, { gasLimit });
        return "started";
      } catch (error) {
        return vault.interface.parseError((error as { data: string }).data)?.name ?? "other";
      }
    };
    // In sale already: that is what a starter is told who brings the gas; with less, that there was too little.
    for (const feed of [system.primary, system.second]) await feed.setMode(Mode.SLOW);
    const told = new Set<string>();
    for (let gas = 60_000n; gas < 400_000n; gas += 5_000n) told.add(await state(gas));
    told.delete("other");
    expect([...told]).to.deep.equal(["SaleAlreadyStarted"]);
  });

  describe("a proxy that changes its aggregator, so that earlier rounds can't be reached", () => {
    const crashed = { primary: { price: STORY.crash }, second: { price: STORY.crash } };
    const LATENESS = 300n;

    async function changeAggregators(system: OracleVault): Promise<bigint> {
      for (const feed of [system.primary, system.second]) await feed.startPhase();
      return feedsSay(system, crashed);
    }

    it("interrupts nothing within five minutes of the last sale, and what comes later it does", async () => {
      const system = await load();
      const startedAt = (await system.vault.position(system.borrower)).saleStartedAt;
      await time.increaseTo(startedAt + 200n);
      await changeAggregators(system);
      await time.increase(HEARTBEAT / 2n);
      const now = await feedsSay(system, crashed);
      expect((await system.vault.quoteTake(system.borrower)).liveSeconds).to.equal(now - startedAt);
      const changed = await changeAggregators(system);
      await time.increase(500n);
      const later = await feedsSay(system, crashed);
      expect((await system.vault.quoteTake(system.borrower)).liveSeconds).to.equal(later - changed);
    });

    it("restarts the clocks once, where it comes later, and never bricks a sale", async () => {
      const system = await load();
      const { vault, borrower, keeper } = system;
      await time.increase(HEARTBEAT / 2n);
      await feedsSay(system, crashed);
      await time.increase(HEARTBEAT / 2n + LATENESS);
      const changed = await changeAggregators(system);
      expect((await system.oracle.price()).state).to.equal(OracleState.FRESH);
      await time.increase(600n);
      const now = await feedsSay(system, crashed);
      expect((await vault.quoteTake(borrower)).liveSeconds).to.equal(now - changed);
      await expect(vault.connect(keeper).take(takeOf(system))).to.emit(vault, "Take");
    });
  });
});
