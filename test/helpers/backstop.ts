/** The story's vault with a real backstop behind it, and those who hold its shares. */
import { restrict } from "../../scripts/kit/roles.ts";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { AddressLike } from "ethers";

import { ethers } from "./chain.ts";
import { deployVault, LOAN, MAX, prepare, price, type VaultOptions } from "./vault.ts";

export const BACKSTOP = {
  cooldown: 604_800n,
  window: 172_800n,
  cap: 200_000n * LOAN,
  staked: 300_000n * LOAN,
} as const;

export const RESALE = {
  startPremiumBps: 100n,
  holdBps: 0n,
  maxDiscountBps: 300n,
  penaltyBps: 0n,
  targetLtvBps: 0n,
  halfLife: 3_600n,
  horizon: 18_000n,
  lot: 250_000n * LOAN,
  impactBps: 0n,
  urgencyBps: 0n,
  fallWindow: 0n,
} as const;

export const deployBackstopSystem = async (options: VaultOptions = {}) => {
  const deployBackstop = async (loan: AddressLike, authority: AddressLike) =>
    ethers.deployContract("Backstop", [
      loan,
      "Gavel backstop",
      "gBACK",
      BACKSTOP.cooldown,
      BACKSTOP.window,
      authority,
    ]);
  const system = await deployVault({ ...options, backstop: deployBackstop });
  const backstop = await ethers.getContractAt("Backstop", await system.vault.backstop());
  const { authority, governor, vault, loan } = system;
  await restrict(authority, "backstop", backstop);
  const cover = (cap: bigint, resale: Partial<Record<keyof typeof RESALE, bigint>> = {}) =>
    backstop.connect(governor).setCover(vault, { cap, resale: { ...RESALE, ...resale } });
  await cover(BACKSTOP.cap);

  const stake = async (assets: bigint, user: HardhatEthersSigner) => {
    await loan.mint(user, assets);
    await loan.connect(user).approve(backstop, MAX);
    return backstop.connect(user).deposit(assets, user);
  };
  /** The backstop buys from the story's sale, at the end of its clock. */
  const buyOut = async (maxPayment: bigint = MAX, user: AddressLike = system.borrower) =>
    backstop.buy(vault, user, maxPayment);
  return { ...system, backstop, cover, stake, buyOut, holder: system.otherLender };
};

/** A lender's funds are lent, and somebody holds shares of the backstop. */
export const stakedSystem = async (options: VaultOptions = {}) => {
  const system = await prepare(await deployBackstopSystem(options));
  await system.stake(BACKSTOP.staked, system.holder);
  return system;
};

/** The story's borrower is unhealthy, his sale a horizon old. */
export const ripeSale = async (options: VaultOptions = {}) => {
  const system = await stakedSystem(options);
  await system.open();
  await system.sink();
  await system.start();
  await system.ripen(system.terms.horizon);
  return system;
};

/** Two borrowers: one emptied whose debt is a loss, one whose sale is ripe. */
export const lossBesideARipeSale = async (options: VaultOptions = {}) => {
  const system = await stakedSystem(options);
  await system.open();
  await system.open(system.otherBorrower);
  await system.sink(price(1_400n));
  await system.start();
  await system.start(system.otherBorrower);
  await system.take();
  await system.ripen(system.terms.horizon, [system.otherBorrower]);
  return system;
};
