import { expect } from "chai";

import type { DeleverageParamsStruct } from "../../typechain-types/contracts/interfaces/IVault.ts";
import { PRICE_SCALE } from "../../sdk/math.ts";
import { type Call, call, deployCallee, LOCKED } from "../helpers/callee.ts";
import { loadFixture } from "../helpers/chain.ts";
import { ENTRY_POINTS, LOCKED_VIEWS } from "../helpers/entryPoints.ts";
import { COLL, LOAN, loanVault, MAX, NO_DATA, SOME_DATA, STORY } from "../helpers/vault.ts";

/** Everything that a borrower has let in turns out to be hostile: what the vault's own entry leaves it. */
async function hostileVault() {
  const system = await loanVault();
  const { vault, borrower, otherBorrower, open } = system;
  const callee = await deployCallee(system, STORY.lent, 0n);
  await vault.connect(borrower).setDeleverager(callee.self, true);
  await open(otherBorrower);
  const deleverage = (change: Partial<DeleverageParamsStruct> = {}) =>
    callee.act(vault, "deleverage", [
      {
        borrower: borrower.address,
        collateral: 10n * COLL,
        repay: 20_000n * LOAN,
        receiver: callee.self,
        data: NO_DATA,
        ...change,
      },
    ]);
  const equity = async () => {
    const { collateral } = await vault.position(borrower);
    return (collateral * STORY.price) / PRICE_SCALE - (await vault.debtOf(borrower));
  };
  return { ...system, ...callee, deleverage, equity };
}

describe("Security: a hostile contract that was let in to deleverage", () => {
  it("cannot take collateral for nothing, for too little, or more than the debt pays for", async () => {
    const { vault, deleverage } = await loadFixture(hostileVault);
    await expect(deleverage({ repay: 0n })).to.be.revertedWithCustomError(vault, "ZeroAmount");
    await expect(deleverage({ repay: 1n })).to.be.revertedWithCustomError(vault, "PaymentTooLow");
    await expect(deleverage({ collateral: 100n * COLL, repay: STORY.debt })).to.be.revertedWithCustomError(
      vault,
      "PaymentTooLow",
    );
    await expect(
      deleverage({ collateral: 100n * COLL, repay: 200_000n * LOAN }),
    ).to.be.revertedWithCustomError(vault, "RepaysTooMuch");
  });

  it("cannot keep the payment: without means, without allowance, or without an answer nothing happens", async () => {
    const { vault, code, loan, collateral, callee, self, act, borrower, deleverage } =
      await loadFixture(hostileVault);
    const before = [await vault.position(borrower), await vault.totals()];
    await act(loan, "approve", [vault, 0n]);
    await expect(deleverage({ data: SOME_DATA })).to.be.revertedWithCustomError(
      code,
      "ERC20InsufficientAllowance",
    );
    await act(loan, "approve", [vault, MAX]);
    // It spends its means while it is called back.
    await callee.setPlan([await call(loan, "transfer", [borrower, STORY.lent])]);
    await expect(deleverage({ data: SOME_DATA })).to.be.revertedWithCustomError(
      code,
      "ERC20InsufficientBalance",
    );
    await callee.setPlan([]);
    await callee.setRefuses(true);
    await expect(deleverage({ data: SOME_DATA })).to.be.revertedWithCustomError(vault, "CallbackRefused");
    expect(await collateral.balanceOf(self)).to.equal(0n);
    expect([await vault.position(borrower), await vault.totals()]).to.deep.equal(before);
  });

  it("cannot have the vault pay itself: what it is paid must have come in", async () => {
    const system = await loadFixture(hostileVault);
    const { vault, loan, callee, self, act, deleverage } = system;
    // A flash loan of the vault's own cash, repaid with nothing: the vault is locked.
    await callee.setPlan([await call(vault, "flashLoan", [self, loan, LOAN, NO_DATA])]);
    await deleverage({ data: SOME_DATA });
    expect((await callee.results())[0]?.data).to.equal(LOCKED);
    // From within a flash loan it cannot deleverage either.
    const planned = await call(vault, "deleverage", [
      {
        borrower: system.borrower.address,
        collateral: COLL,
        repay: 2_000n * LOAN,
        receiver: self,
        data: NO_DATA,
      },
    ]);
    await callee.setPlan([planned]);
    await act(vault, "flashLoan", [self, loan, LOAN, SOME_DATA]);
    expect((await callee.results())[1]?.data).to.equal(LOCKED);
  });

  it("finds every entry and every view of the vault locked while it is called back", async () => {
    const system = await loadFixture(hostileVault);
    const { vault, callee, self, deleverage } = system;
    const groups = Object.entries({ ...ENTRY_POINTS, ...LOCKED_VIEWS });
    const plan: Call[] = [];
    for (const [name, args] of groups) plan.push(await call(vault, name, await args(system, self)));
    await callee.setPlan(plan);
    await deleverage({ data: SOME_DATA });
    const results = await callee.results();
    for (const [i, [name]] of groups.entries()) {
      expect([name, results[i]?.success, results[i]?.data]).to.deep.equal([name, false, LOCKED]);
    }
  });

  it("sends the collateral where it likes: the price is paid all the same", async () => {
    const { vault, collateral, stranger, equity, deleverage } = await loadFixture(hostileVault);
    const before = await equity();
    await deleverage({ receiver: await vault.getAddress() });
    await deleverage({ receiver: stranger.address });
    expect(await collateral.balanceOf(stranger)).to.equal(10n * COLL);
    expect(await equity()).to.be.at.least(before - 2n);
  });

  it("costs its borrower the largest discount on what his debt buys, at the very most, in as many steps as it likes", async () => {
    const { vault, borrower, equity, deleverage } = await loadFixture(hostileVault);
    const before = await equity();
    const sold = 10n * COLL;
    const repay = (20_000n * LOAN * 92n) / 100n;
    for (let i = 0; i < 8; i++) await deleverage({ collateral: sold, repay });
    const rest = await vault.debtOf(borrower);
    const { collateral } = await vault.position(borrower);
    const most = (rest * PRICE_SCALE * 100n) / (STORY.price * 92n);
    await deleverage({ collateral: most < collateral ? most : collateral, repay: rest });
    expect(await vault.debtOf(borrower)).to.equal(0n);
    // 150,000 / 0.92 sold for 150,000.
    const lost = before - (await equity());
    expect(lost).to.be.within(13_043n * LOAN, 13_044n * LOAN);
    // And then there is nothing more for it to do.
    await expect(deleverage({ collateral: 1n, repay: 1n })).to.be.revertedWithCustomError(
      vault,
      "RepaysTooMuch",
    );
  });

  it("touches nobody else's position, shares or tokens", async () => {
    const system = await loadFixture(hostileVault);
    const { vault, loan, collateral, lender, otherBorrower, deleverage } = system;
    const look = async () => [
      await vault.position(otherBorrower),
      await vault.balanceOf(lender),
      await loan.balanceOf(otherBorrower),
      await collateral.balanceOf(otherBorrower),
      await vault.previewRedeem(await vault.balanceOf(lender)),
    ];
    const before = await look();
    await expect(deleverage({ borrower: otherBorrower.address })).to.be.revertedWithCustomError(
      vault,
      "NotDeleverager",
    );
    await deleverage({ repay: (20_000n * LOAN * 92n) / 100n });
    expect(await look()).to.deep.equal(before);
  });

  it("is shut out at once", async () => {
    const { vault, borrower, self, deleverage } = await loadFixture(hostileVault);
    await deleverage();
    await vault.connect(borrower).setDeleverager(self, false);
    await expect(deleverage()).to.be.revertedWithCustomError(vault, "NotDeleverager");
  });

  it("gains a borrower nothing that he lets himself in: nothing leaves that does not lower the LTV", async () => {
    const { vault, borrower, sink } = await loadFixture(hostileVault);
    const by = vault.connect(borrower);
    await by.setDeleverager(borrower, true);
    // Between the borrow limit and the liquidation limit he may not withdraw.
    await sink((STORY.price * 92n) / 100n);
    await expect(by.withdrawCollateral(1n, borrower, borrower)).to.be.revertedWithCustomError(
      vault,
      "InsufficientCollateral",
    );
    const ltv = async () =>
      ((await vault.debtOf(borrower)) * 10n ** 30n) / (await vault.position(borrower)).collateral;
    const before = await ltv();
    const worth = (10n * COLL * STORY.price * 92n) / 100n / PRICE_SCALE;
    for (const share of [79n, 91n]) {
      await expect(
        by.deleverage({
          borrower,
          collateral: 10n * COLL,
          repay: (worth * share) / 100n,
          receiver: borrower,
          data: NO_DATA,
        }),
      ).to.be.revertedWithCustomError(vault, "PaymentTooLow");
    }
    await by.deleverage({
      borrower,
      collateral: 10n * COLL,
      repay: (worth * 92n) / 100n + 1n,
      receiver: borrower,
      data: NO_DATA,
    });
    expect(await ltv()).to.be.below(before);
  });
});
