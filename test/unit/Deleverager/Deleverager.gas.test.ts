import { expect } from "chai";
import { network } from "hardhat";

import type { ContractTransactionResponse } from "ethers";

import {
  deployApproved,
  deployNear,
  type DeleverSystem,
  fundExecutor,
  GAS,
  purchaseOf,
  RESCUE_GAS,
  saleOf,
  signApproval,
} from "../../helpers/deleverager.ts";
import { FOREVER } from "../../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { loadFixture } = connection.networkHelpers;

const gasOf = async (sent: Promise<ContractTransactionResponse>): Promise<bigint> => {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("no receipt");
  return receipt.gasUsed;
};

describe("Deleverager: gas", () => {
  // Vaults that are served already, as all are after their first rescue.
  const approved = async () => served(await deployApproved(connection));
  const near = async () => served(await deployNear(connection));
  const served = async (system: DeleverSystem): Promise<DeleverSystem> => {
    await system.deleverager.serve(system.vault);
    return system;
  };

  it("of a rescue through one pool is what the executor is paid for, permission by signature included", async () => {
    const system = await loadFixture(near);
    const { vault, deleverager, borrower, keeper } = system;
    const approvalSignature = await signApproval(vault, borrower, {
      deleverager: await deleverager.getAddress(),
    });
    const execution = await saleOf(system, {}, { approvalSignature, approvalDeadline: FOREVER });
    const used = await gasOf(deleverager.connect(keeper).execute(execution, GAS));
    console.log(`      order and permission signed, one Uniswap v3 pool: ${used}`);
    expect(used).to.be.within((RESCUE_GAS * 8n) / 10n, RESCUE_GAS);
  });

  it("of a rescue whose permission stands, and of one that the executor pays for, is less", async () => {
    const system = await loadFixture(approved);
    const { deleverager, keeper } = system;
    const snapshot = await connection.networkHelpers.takeSnapshot();
    const pool = await gasOf(deleverager.connect(keeper).execute(await saleOf(system), GAS));
    await snapshot.restore();
    await fundExecutor(system, keeper);
    const own = await gasOf(
      deleverager.connect(keeper).execute(await purchaseOf(system, {}, { price: 0n }), GAS),
    );
    console.log(`      order signed, one Uniswap v3 pool: ${pool}; to the executor: ${own}`);
    expect(pool).to.be.below(RESCUE_GAS);
    expect(own).to.be.below(pool);
  });
});
