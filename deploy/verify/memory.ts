import { observationsFor } from "../memory.ts";
import type { Context } from "./context.ts";

/** With fewer observations a swap in every block takes the window out of the pool's memory. */
export const verifyMemory = async (
  { report, ethers, system }: Context,
  name: string,
  address: string,
  seconds: bigint,
): Promise<void> => {
  const needed = observationsFor(seconds, system.policy.blockTime);
  const pool = await ethers.getContractAt("IUniswapV3Pool", address);
  const { observationCardinalityNext: kept } = await pool.slot0();
  report.holds(
    kept >= needed,
    `${name}: pool ${address} keeps ${kept} observations, fewer than the ${needed} that ${seconds} s need`,
  );
};
