/** Two real vaults on a real pull oracle over a real adapter; the signed price comes from the mock of Pyth's own kit. */
import type { NetworkConnection } from "hardhat/types/network";

import { deployPullOracle, PULL_WINDOW } from "../../scripts/kit/pull.ts";
import type { SignedPrice } from "../../sdk/pullPrice.ts";
import type { IVault } from "../../typechain-types/index.ts";
import { type FeedsSay, feedsSay, type OracleOptions } from "./oracleSystem.ts";
import { deployOracleVault, openPosition, type OracleVault, STORY, takeOf } from "./oracleVault.ts";
import { createVault, NO_LIMIT } from "./system.ts";

/** Wei an update. */
export const FEE = 7n;
export const EXPONENT = -8n;
const ONE_SIGNED = 10n ** -EXPONENT;
/** Seconds that pass before a price is brought. */
const BLOCK = 12n;

export type PullSystem = Awaited<ReturnType<typeof deployPullVaults>>;

/** What an update says; the rest is as an honest one's. */
export interface Update extends Partial<SignedPrice> {
  readonly id?: string;
  /** Seconds before the block at which it was published; at the start of the window where left out. */
  readonly age?: bigint;
  /** Seconds before the block at which the one before it was. */
  readonly previousAge?: bigint;
}

/** `vault` and `otherVault` have the same oracle, lender and assets; `plainVault` the adapter alone. */
export async function deployPullVaults(connection: NetworkConnection<"l1">, options: OracleOptions = {}) {
  const { ethers } = connection;
  const base = await deployOracleVault(connection, options);
  const { factory, creationCode, vaultConfig, lender, borrower, keeper, stranger, loan, collateral } = base;
  const pyth = await ethers.deployContract("MockPullFeed", [FEE]);
  const feedId = ethers.id("COLL/LOAN");
  const pull = await deployPullOracle(connection, {
    oracle: base.oracle,
    vaultFactory: factory,
    pyth,
    feedId,
  });
  const config = { ...vaultConfig, oracle: await pull.getAddress() };
  const create = async (salt: string): Promise<IVault> => {
    const vault = await createVault(connection, factory, config, creationCode, ethers.id(salt));
    for (const user of [lender, borrower, keeper, stranger]) {
      await loan.connect(user).approve(vault, NO_LIMIT);
      await collateral.connect(user).approve(vault, NO_LIMIT);
    }
    await vault.connect(lender).deposit(STORY.lent * base.oneLoan, lender);
    return vault;
  };
  const [vault, otherVault] = [await create("one"), await create("other")];
  await loan.connect(keeper).approve(pull, NO_LIMIT);
  const system: OracleVault = { ...base, vault };
  for (const lending of [vault, otherVault, base.vault])
    await openPosition({ ...system, vault: lending }, borrower);
  return { ...system, plainVault: base.vault, otherVault, pull, pyth, feedId };
}

/**
 * Lets a block's time pass and makes an update for the moment it comes to, where the clock of test/helpers/chain.ts stands still until
 * time passes again.
 */
export async function updateOf(system: PullSystem, update: Update): Promise<string> {
  const { time } = system.connection.networkHelpers;
  const now = BigInt(await time.latest()) + BLOCK;
  await time.increaseTo(now);
  return signed(system, update, now);
}

/** An update for a block of that time. */
export async function signed(system: PullSystem, update: Update, now: bigint): Promise<string> {
  const { id = system.feedId, age = PULL_WINDOW, previousAge = age + 1n } = update;
  const { price = 0n, confidence = 0n, exponent = EXPONENT } = update;
  const times = [now - age, now - previousAge] as const;
  return system.pyth.createPriceFeedUpdateData(id, price, confidence, exponent, price, confidence, ...times);
}

/** Whole loan tokens per whole collateral token, as a signed number. */
export const signedPrice = (whole: bigint): bigint => whole * ONE_SIGNED;

/** The push says this on both feeds, and time has come to it. */
export async function pushSays(system: PullSystem, price: bigint, say: FeedsSay = {}): Promise<void> {
  await feedsSay(system, { primary: { price }, second: { price }, ...say });
}

/** The keeper takes up to `maxRepay` of the borrower's debt and brings an update. */
export async function take(system: PullSystem, update: Update, maxRepay: bigint = NO_LIMIT) {
  const data = await updateOf(system, update);
  return system.pull
    .connect(system.keeper)
    .take(system.vault, [data], takeOf(system, maxRepay), { value: FEE });
}

/** What a sale's event says of it. */
export async function saleOf({ vault, connection }: PullSystem, { hash }: { readonly hash: string }) {
  const receipt = await connection.ethers.provider.getTransactionReceipt(hash);
  for (const log of receipt?.logs ?? []) {
    const event = vault.interface.parseLog(log);
    if (event?.name !== "Take") continue;
    const [, , repaid, penalty, collateral, price] = event.args as unknown as [
      string,
      string,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    return { repaid, penalty, collateral, price };
  }
  throw new Error("nothing was sold");
}
