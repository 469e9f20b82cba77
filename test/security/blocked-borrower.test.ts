import { expect } from "chai";
import { network } from "hardhat";

import { deployNear, saleOf } from "../helpers/deleverager.ts";
import { deployUnhealthy, liftPool, quotedOrder } from "../helpers/directSale.ts";
import { NO_LIMIT, ONE_LOAN, type System } from "../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture } = networkHelpers;

const GAS = { gasLimit: 5_000_000n };
const LOAN = "MockBlocklistERC20";

/** A token may refuse to deliver to a borrower. That is the borrower's affair: it stops no sale of the borrower's collateral. */
describe("A borrower on the loan asset's block list", () => {
  // Nothing between 0 and 60,000 may be left, so that all debt is repaid.
  const withUnhealthy = async () => {
    const system = await deployUnhealthy(connection, { minDebt: 60_000n * ONE_LOAN }, LOAN);
    await liftPool(system, 50n);
    return system;
  };
  const withNear = async () => {
    const system = await deployNear(connection, {}, LOAN);
    await system.vault.connect(system.borrower).setDeleverager(system.deleverager, true);
    return system;
  };

  const listOf = async ({ loan }: Pick<System, "loan">) =>
    ethers.getContractAt(LOAN, await loan.getAddress());

  const lowOrder = async (system: Awaited<ReturnType<typeof deployUnhealthy>>) => {
    const { order } = await quotedOrder(system);
    return { ...order, price: (order.price * 999n) / 1_000n };
  };

  it("does not stop the direct sale that closes the whole debt: the refund is kept, and claimable to anywhere", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, keeper, vault, loan, borrower, stranger } = system;
    const list = await listOf(system);
    const order = await lowOrder(system);
    await list.setBlocked(borrower, true);
    const balanceBefore = await loan.balanceOf(direct);
    const sale = direct.connect(keeper).execute(order, GAS);
    await expect(sale).to.emit(direct, "RefundKept");
    expect(await vault.debtOf(borrower)).to.equal(0n);
    const kept = await direct.refundOf(loan, borrower);
    expect(kept).to.be.above(50n * ONE_LOAN);
    expect((await loan.balanceOf(direct)) - balanceBefore).to.equal(kept);

    await expect(direct.connect(stranger).claimRefund(loan, stranger))
      .to.be.revertedWithCustomError(direct, "NoRefund")
      .withArgs(loan, stranger);
    await expect(direct.connect(borrower).claimRefund(loan, borrower)).to.be.revertedWithCustomError(
      list,
      "Blocked",
    );
    const claim = direct.connect(borrower).claimRefund(loan, stranger);
    await expect(claim).to.emit(direct, "RefundClaimed").withArgs(loan, borrower, stranger, kept);
    await expect(claim).to.changeTokenBalances(ethers, loan, [direct, stranger], [-kept, kept]);
    expect(await direct.refundOf(loan, borrower)).to.equal(0n);
    await expect(direct.connect(borrower).claimRefund(loan, stranger)).to.be.revertedWithCustomError(
      direct,
      "NoRefund",
    );
  });

  it("keeps a refund apart from the sales that follow", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, keeper, loan, borrower } = system;
    const list = await listOf(system);
    await list.mint(direct, 7n);
    const order = await lowOrder(system);
    await list.setBlocked(borrower, true);
    const result = await direct.connect(keeper).execute.staticCall(order, GAS);
    await direct.connect(keeper).execute(order, GAS);
    const kept = await direct.refundOf(loan, borrower);
    expect(kept).to.be.closeTo(result.refund, 2n * ONE_LOAN);
    expect(await loan.balanceOf(direct)).to.equal(kept + 7n);
    expect(await loan.allowance(direct, system.vault)).to.equal(NO_LIMIT);
  });

  it("is sent the refund where the token delivers", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, keeper, loan, borrower } = system;
    const order = await lowOrder(system);
    const before = await loan.balanceOf(borrower);
    await expect(direct.connect(keeper).execute(order, GAS)).not.to.emit(direct, "RefundKept");
    expect(await loan.balanceOf(borrower)).to.be.above(before);
    expect(await direct.refundOf(loan, borrower)).to.equal(0n);
  });

  it("cannot have a refund kept by a sender who gives too little gas to deliver it", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, keeper, vault, loan, borrower } = system;
    const order = await lowOrder(system);
    const snapshot = await networkHelpers.takeSnapshot();
    const whole = await (await direct.connect(keeper).execute(order, GAS)).wait();
    const spent = whole?.gasUsed ?? 0n;
    await snapshot.restore();
    for (let gasLimit = spent - 120_000n; gasLimit < spent + 240_000n; gasLimit += 30_000n) {
      const sent = await direct
        .connect(keeper)
        .execute(order, { gasLimit })
        .catch(() => undefined);
      await sent?.wait().catch(() => undefined);
      expect(await direct.refundOf(loan, borrower), `${gasLimit} gas`).to.equal(0n);
      if ((await vault.debtOf(borrower)) === 0n) await snapshot.restore();
    }
  });

  it("does not stop a rescue that repays everything either", async () => {
    const system = await loadFixture(withNear);
    const { deleverager, keeper, vault, loan, borrower, stranger } = system;
    const execution = await saleOf(system, { targetLtvBps: 10n });
    await (await listOf(system)).setBlocked(borrower, true);
    const price = (execution.price * 999n) / 1_000n;
    await deleverager.connect(keeper).execute({ ...execution, price }, GAS);
    expect(await vault.debtOf(borrower)).to.equal(0n);
    const kept = await deleverager.refundOf(loan, borrower);
    expect(kept).to.be.above(50n * ONE_LOAN);
    await expect(deleverager.connect(borrower).claimRefund(loan, stranger)).to.changeTokenBalance(
      ethers,
      loan,
      stranger,
      kept,
    );
  });
});
