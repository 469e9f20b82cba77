/** What EIP-4626 asks of all eight functions, of the vault and of the backstop alike, in the states that tell them apart. */
import { expect } from "chai";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { BACKSTOP, deployBackstopSystem, RESALE } from "../../helpers/backstop.ts";
import { ethers, loadFixture, pass } from "../../helpers/chain.ts";
import { CALM_TERMS, COLL, CONFIG, DAY, MAX, PAUSE } from "../../helpers/vault.ts";

const STATES = [
  "fresh",
  "interest",
  "marked sale",
  "realised loss",
  "all cash lent",
  "paused",
  "oracle STALE",
  "inventory",
  "wiped out",
  "wiped out, no cover",
] as const;
type State = (typeof STATES)[number];

const DECIMALS = [2n, 6n, 8n, 18n] as const;

/** A vault and its backstop with a loan asset of so many decimals; the lender and the holder have shares, the holder may leave. */
async function systemOf(decimals: bigint) {
  const unit = 10n ** decimals;
  const scaled = (units: bigint): bigint => (units * unit) / 10n ** 6n;
  const system = await deployBackstopSystem({
    loanDecimals: decimals,
    config: {
      minDebt: scaled(CONFIG.minDebt),
      supplyCap: scaled(CONFIG.supplyCap),
      borrowCap: scaled(CONFIG.borrowCap),
      maxPositionDebt: scaled(CONFIG.maxPositionDebt),
      stressDepth: scaled(CONFIG.stressDepth),
      reward: { cap: 0n, nativePrice: 0n },
    },
    terms: { lot: scaled(CALM_TERMS.lot) },
  });
  const { lender, holder, backstop, vault, taker, stranger, loan } = system;
  const cover = (cap: bigint) => system.cover(cap, { lot: scaled(RESALE.lot) });
  /** With a band of 1%. */
  const at = async (milliunits: bigint) => {
    const deciding = (milliunits * unit * 10n ** 36n) / (1_000n * COLL);
    await system.say({
      deciding,
      low: (deciding * 995n) / 1_000n,
      high: (deciding * 1_005n) / 1_000n,
    });
  };
  await at(2_000_000n);
  await cover(50_000n * unit);
  await system.lend(1_000_000n * unit, lender);
  await system.stake(300_000n * unit, holder);
  await backstop.connect(holder).startCooldown(MAX);
  await pass(BACKSTOP.cooldown);
  for (const user of [taker, stranger, lender, holder]) {
    await loan.mint(user, 10n ** 12n * unit);
    await loan.connect(user).approve(vault, MAX);
    await loan.connect(user).approve(backstop, MAX);
  }
  return { ...system, cover, at, unit };
}

type System = Awaited<ReturnType<typeof systemOf>>;

const enter: Readonly<Record<State, (system: System) => Promise<void>>> = {
  fresh: () => Promise.resolve(),
  interest: async ({ open, borrower, unit, rateModel, vault }) => {
    await open(borrower, 100n * COLL, 150_000n * unit);
    await rateModel.set(10n ** 9n, 10n ** 9n, 0n);
    await vault.accrue();
    await pass(DAY);
  },
  "marked sale": async (system) => {
    await system.open(system.borrower, 100n * COLL, 150_000n * system.unit);
    await system.at(1_400_000n);
    await system.start();
  },
  "realised loss": async (system) => {
    await enter["marked sale"](system);
    await system.cover(5_000n * system.unit);
    await system.take();
    await system.vault.realizeLoss(system.borrower);
  },
  "all cash lent": ({ open, borrower, unit }) => open(borrower, 1_000n * COLL, 1_000_000n * unit),
  paused: async (system) => {
    await enter.interest(system);
    await system.vault.connect(system.guardian).pause(PAUSE.all);
  },
  "oracle STALE": async (system) => {
    await enter.interest(system);
    await system.stale();
  },
  inventory: async (system) => {
    await system.open(system.borrower, 100n * COLL, 150_000n * system.unit);
    await system.at(1_780_000n);
    await system.start();
    await system.ripen(system.terms.horizon);
    await system.buyOut();
  },
  // The backstop loses all it has,
  "wiped out": (system) => wipeOut(system, 300_000n),
  // or lenders do, without one.
  "wiped out, no cover": (system) => wipeOut(system, 0n),
};

/** All cash is lent against collateral that becomes dust. */
async function wipeOut(system: System, cover: bigint) {
  await enter["all cash lent"](system);
  await system.cover(cover * system.unit);
  const dust = (system.unit * 10n ** 36n) / (2_000n * COLL);
  await system.say({ deciding: dust });
  await system.start();
  await pass(system.terms.horizon);
  await system.vault.realizeLoss(system.borrower);
}

type Token = System["backstop"];

async function expectLaws(
  token: Token,
  loan: System["loan"],
  owner: HardhatEthersSigner,
  other: HardhatEthersSigner,
  unit: bigint,
) {
  const restore = await snapshot();
  const asked = 1_000n * unit + 7n;

  // Views that must not revert.
  await token.totalAssets();
  await token.convertToShares(asked);
  await token.convertToAssets(asked);

  const maxDeposit = await token.maxDeposit(other);
  const maxMint = await token.maxMint(other);
  expect(maxMint === 0n).to.equal(maxDeposit === 0n);
  if (maxDeposit > 0n) {
    for (const assets of [least(asked, maxDeposit), maxDeposit]) {
      await loan.mint(other, assets);
      const shares = await token.connect(other).deposit.staticCall(assets, other);
      expect(await token.previewDeposit(assets)).to.equal(shares);
      await token.connect(other).deposit(assets, other);
      expect(await token.balanceOf(other)).to.equal(shares);
      expect(await token.previewRedeem(shares)).to.be.at.most(assets);
      expect(await token.convertToAssets(shares)).to.be.at.most(assets);
      await restore();
    }
    for (const shares of [least(await token.previewDeposit(asked), maxMint), maxMint]) {
      const assets = await token.previewMint(shares);
      await loan.mint(other, assets);
      expect(await token.connect(other).mint.staticCall(shares, other)).to.equal(assets);
      await token.connect(other).mint(shares, other);
      expect(await token.balanceOf(other)).to.equal(shares);
      expect(await token.previewWithdraw(assets)).to.be.at.least(shares);
      expect(await token.previewRedeem(shares)).to.be.at.most(assets);
      await restore();
    }
  } else {
    await expect(token.connect(other).deposit(asked, other)).to.revert(ethers);
    await expect(token.connect(other).mint(10n ** 6n * asked, other)).to.revert(ethers);
  }
  await expect(token.connect(other).deposit(0n, other)).to.revert(ethers);

  const maxRedeem = await token.maxRedeem(owner);
  const maxWithdraw = await token.maxWithdraw(owner);
  expect(maxRedeem).to.be.at.most(await token.balanceOf(owner));
  if (maxRedeem > 0n) {
    for (const shares of [maxRedeem, (maxRedeem * 2n) / 3n + 1n]) {
      const assets = await token.connect(owner).redeem.staticCall(shares, owner, owner);
      expect(await token.previewRedeem(shares)).to.equal(assets);
      expect(assets).to.be.greaterThan(0n);
      await token.connect(owner).redeem(shares, owner, owner);
      // Out and in again gains nothing.
      if ((await token.maxDeposit(owner)) >= assets) {
        expect(await token.previewDeposit(assets)).to.be.at.most(shares);
      }
      await restore();
    }
  }
  // More than rounding beyond it.
  const beyond = maxRedeem + (await token.convertToShares(unit)) + 1n;
  await expect(token.connect(owner).redeem(beyond, owner, owner)).to.revert(ethers);
  if (maxWithdraw > 0n) {
    for (const assets of [maxWithdraw, (maxWithdraw * 2n) / 3n + 1n]) {
      const shares = await token.connect(owner).withdraw.staticCall(assets, owner, owner);
      expect(await token.previewWithdraw(assets)).to.equal(shares);
      expect(shares).to.be.at.most(await token.balanceOf(owner));
      await token.connect(owner).withdraw(assets, owner, owner);
      await restore();
    }
  }
  await expect(token.connect(owner).withdraw(maxWithdraw + unit, owner, owner)).to.revert(ethers);
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Back to here, as often as wanted. */
async function snapshot() {
  let id: unknown = await ethers.provider.send("evm_snapshot", []);
  return async () => {
    await ethers.provider.send("evm_revert", [id]);
    id = await ethers.provider.send("evm_snapshot", []);
  };
}

const systems = {
  2: () => systemOf(2n),
  6: () => systemOf(6n),
  8: () => systemOf(8n),
  18: () => systemOf(18n),
} as const;

describe("EIP-4626", () => {
  for (const decimals of DECIMALS) {
    const deployed = systems[Number(decimals) as keyof typeof systems];
    describe(`with ${decimals} decimals`, () => {
      for (const state of STATES) {
        it(`the vault keeps it: ${state}`, async () => {
          const system = await loadFixture(deployed);
          await enter[state](system);
          const vault = await ethers.getContractAt("Backstop", system.vault);
          await expectLaws(vault, system.loan, system.lender, system.stranger, system.unit);
        });

        it(`the backstop keeps it: ${state}`, async () => {
          const system = await loadFixture(deployed);
          await enter[state](system);
          await expectLaws(system.backstop, system.loan, system.holder, system.stranger, system.unit);
        });
      }
    });
  }

  it("E1: a vault that lost everything, twice in a row, still says what it takes", async () => {
    const system = await loadFixture(systems[18]);
    const { vault, loan, stranger, lender, unit, at, borrower } = system;
    for (let round = 1; round <= 2; round += 1) {
      await enter["wiped out, no cover"](system);
      expect(await vault.totalAssets(), `round ${round}`).to.be.at.most(1n);
      const most = await vault.maxDeposit(stranger);
      expect(await vault.previewMint(await vault.maxMint(stranger))).to.be.at.most(most);
      const assets = least(most, 1_000_000n * unit);
      expect(assets).to.be.greaterThan(unit);
      await at(2_000_000n);
      await loan.mint(lender, assets);
      await vault.connect(lender).deposit(assets, lender);
      expect(await vault.debtOf(borrower)).to.equal(0n);
    }
    expect(await vault.maxMint(stranger)).to.be.at.most(2n ** 255n);
  });
});
