import { expect } from "chai";

import { loadFixture } from "../helpers/chain.ts";
import { deployCallee } from "../helpers/callee.ts";
import { COLL, LOAN, loanVault, price, RATE_MODEL, STORY, type VaultSystem } from "../helpers/vault.ts";

/** Repetitions in one transaction, and transactions. */
const TIMES = 250n;
const ROUNDS = 4;
const ALL = TIMES * BigInt(ROUNDS);

/** An index, and a price of a share, that leave a remainder in every division. */
async function age(system: VaultSystem) {
  await system.rateModel.set(3_333_333_333n, 0n, RATE_MODEL.answers);
  await system.pass(50_000_017n);
  await system.vault.accrue();
  await system.rateModel.set(0n, 0n, RATE_MODEL.answers);
}

async function agedVault() {
  const system = await loanVault();
  await age(system);
  const attacker = await deployCallee(system, STORY.lent, STORY.collateral);
  await attacker.act(system.vault, "supplyCollateral", [10n * COLL, attacker.self]);
  await attacker.act(system.vault, "borrow", [5_000n * LOAN, attacker.self, attacker.self]);
  await attacker.act(system.vault, "deposit", [5_000n * LOAN, attacker.self]);
  return { ...system, ...attacker };
}

async function agedSaleVault() {
  const system = await loanVault();
  await age(system);
  // An LTV of 84%, interest included.
  await system.sink(price(2_080n));
  await system.start();
  const attacker = await deployCallee(system, STORY.lent, 0n);
  return { ...system, ...attacker };
}

/** What the others own together: what an attacker with rounding would have to take it from. */
async function othersAssets({ vault, lender }: VaultSystem): Promise<bigint> {
  return vault.previewRedeem(await vault.balanceOf(lender));
}

/** Debts one by one, against the books. */
async function debts({ vault, borrower }: VaultSystem, self: string): Promise<bigint> {
  return (await vault.debtOf(borrower)) + (await vault.debtOf(self));
}

describe(`Security 12: rounding, ${ALL} times one unit`, () => {
  async function repeat(
    { vault, actMany }: Awaited<ReturnType<typeof agedVault>>,
    name: string,
    args: readonly unknown[],
  ): Promise<void> {
    for (let i = 0; i < ROUNDS; i++) await actMany(vault, name, args, TIMES);
  }

  it("the index of these tests leaves remainders", async () => {
    const { vault } = await loadFixture(agedVault);
    expect((await vault.totals()).index % 10n ** 6n).to.not.equal(0n);
  });

  it("repay: the debt falls by no more than was paid", async () => {
    const system = await loadFixture(agedVault);
    const { vault, self } = system;
    const [debt, others] = [await vault.debtOf(self), await othersAssets(system)];
    await repeat(system, "repay", [1n, self]);
    expect(debt - (await vault.debtOf(self))).to.be.at.most(ALL);
    expect(await othersAssets(system)).to.be.at.least(others);
  });

  it("borrow: the debt grows by no less than was lent", async () => {
    const system = await loadFixture(agedVault);
    const { vault, self } = system;
    const [debt, others] = [await vault.debtOf(self), await othersAssets(system)];
    await repeat(system, "borrow", [1n, self, self]);
    expect((await vault.debtOf(self)) - debt).to.be.at.least(ALL);
    expect(await othersAssets(system)).to.be.at.least(others);
  });

  it("deposit and withdraw: no unit is won", async () => {
    const system = await loadFixture(agedVault);
    const { vault, self } = system;
    const [mine, others] = [await vault.maxWithdraw(self), await othersAssets(system)];
    await repeat(system, "deposit", [1n, self]);
    expect((await vault.maxWithdraw(self)) - mine).to.be.at.most(ALL);
    await repeat(system, "withdraw", [1n, self, self]);
    expect(await vault.maxWithdraw(self)).to.be.at.most(mine);
    expect(await othersAssets(system)).to.be.at.least(others);
  });

  it("mint and redeem of the smallest share that is worth a unit: no unit is won", async () => {
    const system = await loadFixture(agedVault);
    const { vault, loan, self } = system;
    const shares = await vault.previewWithdraw(1n);
    const [held, others] = [await loan.balanceOf(self), await othersAssets(system)];
    await repeat(system, "mint", [shares, self]);
    await repeat(system, "redeem", [shares, self, self]);
    expect(await loan.balanceOf(self)).to.be.at.most(held);
    expect(await othersAssets(system)).to.be.at.least(others);
  });

  it("take: the taker pays for each, and the position's health does not worsen", async () => {
    const system = await loadFixture(agedSaleVault);
    const { vault, borrower, loan, collateral, self, takeParams, actMany } = system;
    const [debt, before, others] = [
      await vault.debtOf(borrower),
      (await vault.position(borrower)).collateral,
      await othersAssets(system),
    ];
    const paid = await loan.balanceOf(self);
    await system.pass(600n);
    for (let i = 0; i < ROUNDS; i++) {
      await actMany(vault, "take", [await takeParams({ receiver: self, maxRepay: 1n })], TIMES);
    }
    // One unit and a unit of penalty each.
    expect(paid - (await loan.balanceOf(self))).to.equal(2n * ALL);
    const after = await vault.debtOf(borrower);
    expect(debt - after).to.be.at.most(ALL);
    const left = (await vault.position(borrower)).collateral;
    expect(after * before).to.be.at.most(debt * left);
    expect(before - left).to.equal(await collateral.balanceOf(self));
    expect(await othersAssets(system)).to.be.at.least(others);
  });

  it("SOLV-1, ACC-1: single debts cover the books, and the books cover all claims, after all of it", async () => {
    const system = await loadFixture(agedVault);
    const { vault, loan, self } = system;
    for (const [name, args] of [
      ["borrow", [1n, self, self]],
      ["deposit", [1n, self]],
      ["repay", [1n, self]],
      ["withdraw", [1n, self, self]],
    ] as const) {
      await repeat(system, name, args);
    }
    const { cash, reserve, scaledDebt } = await vault.totals();
    const positions = await Promise.all([vault.position(system.borrower), vault.position(self)]);
    expect(positions.reduce((sum, position) => sum + position.scaledDebt, 0n)).to.equal(scaledDebt);
    expect(await debts(system, self)).to.be.at.least(await vault.totalDebt());
    expect(await loan.balanceOf(vault)).to.be.at.least(cash);
    const claims = (await vault.previewRedeem(await vault.totalSupply())) + reserve;
    expect(cash + (await vault.totalDebt())).to.be.at.least(claims);
  });
});
