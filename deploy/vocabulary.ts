import { getAddress, isAddress } from "ethers";
import { z } from "zod";

/** Words that all sections of a parameters file are written in. */

export const BPS = 10_000;

/** Parts of a local market that a parameters file may name instead of an address. */
export const LOCAL_PARTS = [
  "@loan",
  "@collateral",
  "@primary",
  "@second",
  "@poolFactory",
  "@pool",
  "@widePool",
  "@pairFactory",
  "@pair",
  "@quote",
] as const;
export type LocalPart = (typeof LOCAL_PARTS)[number];

export const isLocalPart = (address: string): address is LocalPart =>
  (LOCAL_PARTS as readonly string[]).includes(address);

export const address = z
  .string()
  .refine((value) => isLocalPart(value) || isAddress(value), {
    error: ({ input }) => `must be an address, not "${String(input)}"`,
  })
  .transform((value) => (isLocalPart(value) ? value : getAddress(value)));

export const decimal = z
  .string()
  .regex(/^\d+(\.\d+)?$/, { error: 'must be a decimal number in quotes, like "1000.5"' });

export const positive = decimal.refine((value) => /[1-9]/.test(value), { error: "must be more than 0" });

/** Liquidity of a Uniswap v3 pool, in its own units. */
export const poolLiquidity = z
  .string()
  .regex(/^[1-9]\d{0,37}$/, { error: "must be a whole number of a pool's units of liquidity" });

export const seconds = z.int().min(0);
export const atLeastASecond = z.int().min(1);
export const bps = z.int().min(0).max(BPS);
export const decimals = z.int().min(0).max(36);

/** Answers outside of these bounds are not believed: quote per base. */
export const bounds = { least: positive, most: positive };

export const leg = z.strictObject({ aggregator: address, decimals, heartbeat: atLeastASecond, ...bounds });

/** A decimal number in a range that a contract accepts. */
export const within = (least: number, most: number) =>
  decimal.refine((value) => Number(value) >= least && Number(value) <= most, {
    error: `must be from ${least} to ${most}`,
  });
