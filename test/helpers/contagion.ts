/** A contagion monitor and sources that say what a test lets them say. */
import { restrict } from "../../scripts/kit/roles.ts";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { AddressLike } from "ethers";

import type { StressSourceStruct } from "../../typechain-types/contracts/risk/ContagionMonitor.ts";
import type { ContagionMonitor, MockRawAnswer } from "../../typechain-types/index.ts";
import { ethers, now } from "./chain.ts";
import { DAY, GOVERNOR_ROLE } from "./vault.ts";

/** Stress of so many hundredths. */
export const percent = (n: bigint): bigint => n * 10n ** 16n;

/** `MockRawAnswer.Mode`, in its order. */
export const Mode = { ANSWER: 0n, REVERT: 1n, BURN_GAS: 2n } as const;

export const HEARTBEAT = 3_600n;
export const WEIGHT = 100n;
export const MIN_LIVE = 3n;

export const encodeAnswer = (level: bigint, updatedAt: bigint): string =>
  ethers.AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [level, updatedAt]);

/** Unless a time is given, the level is known for now. */
export async function say(source: MockRawAnswer, level: bigint, updatedAt?: bigint): Promise<void> {
  await source.setAnswer(Mode.ANSWER, encodeAnswer(level, updatedAt ?? (await now())));
}

/** Terms of a source: a weight of 100, an hour, a month, unless changed. */
export async function termsOf(
  source: AddressLike,
  change: Partial<StressSourceStruct> = {},
): Promise<StressSourceStruct> {
  return {
    source,
    weight: WEIGHT,
    heartbeat: HEARTBEAT,
    expiresAt: (await now()) + 30n * DAY,
    ...change,
  };
}

export async function governedMonitor(minLive: bigint = MIN_LIVE) {
  const [deployer, governor, stranger] = (await ethers.getSigners()) as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];
  const authority = await ethers.deployContract("AccessManager", [deployer]);
  const monitor = await ethers.deployContract("ContagionMonitor", [minLive, authority]);
  await restrict(authority, "contagionMonitor", monitor);
  await authority.grantRole(GOVERNOR_ROLE, governor, 0n);
  return { deployer, governor, stranger, authority, monitor: monitor.connect(governor) };
}

/** Registers a source for each level, which says it. */
export async function addSources(
  monitor: ContagionMonitor,
  levels: readonly bigint[],
  weights: readonly bigint[] = [],
): Promise<MockRawAnswer[]> {
  const sources: MockRawAnswer[] = [];
  for (const [i, level] of levels.entries()) {
    const source = await ethers.deployContract("MockRawAnswer");
    await say(source, level);
    await monitor.setSource(await termsOf(source, { weight: weights[i] ?? WEIGHT }));
    sources.push(source);
  }
  return sources;
}

/** Five sources that say 10%, 20%, 40%, 60% and 80%. */
export async function fiveSources() {
  const system = await governedMonitor();
  const levels = [10n, 20n, 40n, 60n, 80n].map(percent);
  return { ...system, levels, sources: await addSources(system.monitor, levels) };
}

/** A monitor without sources. */
export async function emptyMonitor() {
  return governedMonitor();
}
