import { expect } from "chai";
import { network } from "hardhat";

import {
  deploySystem,
  FOREVER,
  lend,
  moveMarket,
  NO_LIMIT,
  ONE_COLLATERAL,
  ONE_LOAN,
  open,
  type System,
} from "../../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

describe("DutchAuctionLiquidator", () => {
  async function deploy() {
    const system = await deploySystem(connection);
    await lend(system, 5_000_000n * ONE_LOAN);
    return system;
  }

  /** One position at the borrow limit, sunk by a fall of 8%, its sale at a discount of 5%. */
  async function withSale() {
    const system = await deploy();
    await open(system, system.borrower, 100n * ONE_COLLATERAL, 159_000n * ONE_LOAN);
    await moveMarket(system, 1_840n);
    await system.vault.connect(system.keeper).startSale(system.borrower, system.keeper);
    await time.increase(300);
    return system;
  }

  const orderOf = (system: System, borrowers: readonly { readonly address: string }[]) => ({
    vault: system.vault,
    borrowers: borrowers.map(({ address }) => address),
    start: false,
    maxRepay: NO_LIMIT,
    pools: [system.pool.address],
    minProfit: 0n,
    receiver: system.receiver,
    deadline: FOREVER,
  });

  it("sells a position for a keeper without capital, and hands the profit on", async () => {
    const system = await loadFixture(withSale);
    const { liquidator, keeper, borrower, receiver, loan, vault } = system;
    const order = orderOf(system, [borrower]);
    const execution = liquidator.connect(keeper).execute(order);
    await expect(execution).to.emit(liquidator, "Executed");
    const profit = await loan.balanceOf(receiver);
    expect(profit).to.be.above(0n);
    await expect(execution).to.changeTokenBalances(ethers, loan, [liquidator, receiver], [0n, profit]);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
  });
});
