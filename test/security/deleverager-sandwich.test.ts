import { expect } from "chai";
import { network } from "hardhat";

import { BPS, PRICE_SCALE, WAD } from "../../sdk/math.ts";
import { movePrice, wrapEther } from "../../scripts/kit/uniswap.ts";
import {
  deployApproved,
  type DeleverSystem,
  equityOf,
  type Execution,
  GAS,
  leastPrice,
  NEAR_PRICE,
  saleOf,
} from "../helpers/deleverager.ts";
import { ONE_PRICE } from "../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers, provider } = connection;
const { loadFixture, time } = networkHelpers;

const ORACLE = NEAR_PRICE * ONE_PRICE;
const UNBOUNDED = 10n ** 24n;

/**
 * The attacker has all the capital there is, executes the order himself and names the lowest price that it allows; he moves the
 * pool before and after.
 */
describe("Security: a sandwich around a rescue", () => {
  const prepared = async (): Promise<DeleverSystem> => {
    const system = await deployApproved(connection);
    await system.loan.mint(system.stranger, UNBOUNDED);
    await wrapEther(connection, system.uniswap, system.stranger, UNBOUNDED);
    return system;
  };

  const tilt = async ({ uniswap, pool, stranger }: DeleverSystem, bps: bigint): Promise<void> => {
    const price = (ORACLE * (BPS + bps)) / BPS;
    await movePrice(connection, uniswap, pool, { trader: stranger, price, spendable: UNBOUNDED / 4n });
  };

  const wealth = async ({ loan, collateral, stranger }: DeleverSystem): Promise<bigint> =>
    (await loan.balanceOf(stranger)) + ((await collateral.balanceOf(stranger)) * ORACLE) / PRICE_SCALE;

  interface Outcome {
    /** Of the value sold, WAD. */
    readonly gain: bigint;
    readonly cost: bigint;
  }

  /** Undefined where the rescue is refused. */
  async function attack(
    system: DeleverSystem,
    bps: bigint,
    execution: Execution,
  ): Promise<Outcome | undefined> {
    const { deleverager, stranger } = system;
    const [wealthBefore, before] = [await wealth(system), await equityOf(system)];
    await tilt(system, bps);
    if (bps !== 0n) await time.increase(60);
    const own = { ...execution, receiver: stranger.address };
    const sent = await deleverager
      .connect(stranger)
      .execute(own, GAS)
      .catch(() => undefined);
    if (sent === undefined) return undefined;
    const after = await equityOf(system);
    await tilt(system, 0n);
    const value = ((before.collateral - after.collateral) * ORACLE) / PRICE_SCALE;
    return {
      gain: (((await wealth(system)) - wealthBefore) * WAD) / value,
      // Interest of a minute aside.
      cost: ((before.equity - after.equity) * WAD) / value,
    };
  }

  const show = (share: bigint): string => `${(Number((share * 10_000n) / WAD) / 100).toFixed(2)}%`;

  for (const maxCostBps of [50n, 100n, 200n]) {
    it(`costs the borrower no more than the ${Number(maxCostBps) / 100}% that he signed, whatever is pushed`, async () => {
      const system = await loadFixture(prepared);
      const signed = await saleOf(system, { maxCostBps });
      const snapshot = await networkHelpers.takeSnapshot();
      const most = (maxCostBps * WAD) / BPS + 10n ** 12n;
      let worst: Outcome & { bps: bigint } = { gain: -WAD, cost: 0n, bps: 0n };
      let [served, refused] = [0, 0];
      for (const bps of [0n, -1n, -5n, -10n, -20n, -30n, -34n, -36n, -50n, -200n, -1_000n, 20n, 36n]) {
        // From the lowest price that was signed to what pools pay by themselves.
        for (const share of [0n, 50n, 80n, 100n]) {
          const least = leastPrice(signed.order);
          const price = least + ((signed.price - least) * share) / 100n;
          const outcome = await attack(system, bps, { ...signed, price });
          await snapshot.restore();
          if (outcome === undefined) {
            refused++;
            continue;
          }
          served++;
          expect(outcome.cost <= most, `${bps} bps: cost ${show(outcome.cost)}`).to.equal(true);
          expect(outcome.gain <= outcome.cost, `${bps} bps: won ${show(outcome.gain)}`).to.equal(true);
          if (outcome.cost > worst.cost) worst = { ...outcome, bps };
        }
      }
      expect(served).to.be.above(3);
      expect(refused).to.be.above(10);
      console.log(
        `      signed ${show(most)}: worst: pool pushed ${worst.bps} bps, costs ${show(worst.cost)}, attacker wins ${show(worst.gain)}`,
      );
    });
  }

  it("in one block: the push, the rescue and the way back", async () => {
    const system = await loadFixture(prepared);
    const { deleverager, stranger, borrower, vault, uniswap, pool, collateral } = system;
    const execution = { ...(await saleOf(system)), receiver: stranger.address };
    const price = (execution.price * 9_990n) / 10_000n;
    // What a push of 10 bps takes, measured and undone.
    const snapshot = await networkHelpers.takeSnapshot();
    const held = await collateral.balanceOf(stranger);
    await tilt(system, -10n);
    const amountIn = held - (await collateral.balanceOf(stranger));
    await snapshot.restore();
    const before = await equityOf(system);
    await collateral.connect(stranger).approve(uniswap.router, UNBOUNDED);
    await provider.request({ method: "evm_setAutomine", params: [false] });
    const router = uniswap.router.connect(stranger);
    await router.getFunction("exactInputSingle")(
      {
        tokenIn: pool.base,
        tokenOut: pool.quote,
        fee: pool.fee,
        recipient: stranger.address,
        deadline: 2n ** 40n,
        amountIn,
        amountOutMinimum: 0n,
        sqrtPriceLimitX96: 0n,
      },
      { gasLimit: 1_000_000n },
    );
    const sent = await deleverager.connect(stranger).execute({ ...execution, price }, GAS);
    await provider.request({ method: "evm_mine", params: [] });
    await provider.request({ method: "evm_setAutomine", params: [true] });
    expect((await ethers.provider.getTransactionReceipt(sent.hash))?.status).to.equal(1);
    const after = await equityOf(system);
    const value = ((before.collateral - after.collateral) * ORACLE) / PRICE_SCALE;
    expect((before.equity - after.equity) * BPS).to.be.at.most(value * 100n + BPS * 100n);
    expect(await vault.debtOf(borrower)).to.be.below(before.debt);
  });
});
