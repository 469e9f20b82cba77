/** One simulated chain for all tests of the vault, on which time stands still until a test lets it pass. */
import { network } from "hardhat";

export const connection = await network.create({
  network: "sim",
  chainType: "l1",
  // A fixed gas limit: estimates are made at another base fee than the transaction, and a starter's reward depends on it.
  override: { allowBlocksWithSameTimestamp: true, gas: 30_000_000n },
});

export const { ethers, networkHelpers } = connection;

/** Chains older than this are not built upon: times of 32 bits end in 2106, and some tests let decades pass. */
const YOUNG = 31_536_000;
const born = await networkHelpers.time.latest();

/** The chain as it was born. */
const genesis = (): Promise<void> => Promise.resolve();

/** State of a chain, built once and restored for every further test; always on a young chain. */
export async function loadFixture<T>(fixture: () => Promise<T>): Promise<T> {
  if ((await networkHelpers.time.latest()) > born + YOUNG) await networkHelpers.loadFixture(genesis);
  return networkHelpers.loadFixture(fixture);
}

await networkHelpers.loadFixture(genesis);

const { provider } = connection;
const request = provider.request.bind(provider);

// The simulated chain's clock runs with the wall clock: a transaction would fall into the next second now and then, and with
// it every price and every debt. Here it gets the second of the block before.
provider.request = async (args) => {
  if (args.method === "eth_sendTransaction") await stopClock();
  return request(args);
};

async function stopClock(): Promise<void> {
  const latest = await ethers.provider.getBlock("latest");
  if (latest === null) throw new Error("the chain has no block");
  await request({ method: "evm_setNextBlockTimestamp", params: [latest.timestamp] });
}

/** Unix seconds of every transaction and call until time passes. */
export async function now(): Promise<bigint> {
  return BigInt(await networkHelpers.time.latest());
}

/** Lets time pass. */
export async function pass(seconds: bigint): Promise<void> {
  if (seconds !== 0n) await networkHelpers.time.increase(seconds);
}

/** Wei a gas in the next block. */
export async function setBaseFee(wei: bigint): Promise<void> {
  await networkHelpers.setNextBlockBaseFeePerGas(wei);
}
