import { expect } from "chai";

import { deployPullVaults, FEE, pushSays, signedPrice, updateOf } from "../../helpers/pull.ts";
import { startSale, STORY, takeOf } from "../../helpers/oracleVault.ts";
import { connection, ethers, networkHelpers } from "../../helpers/chain.ts";

describe("PullOracle: gas", () => {
  const { time } = networkHelpers;

  async function started() {
    const system = await deployPullVaults(connection);
    await pushSays(system, STORY.crash);
    for (const vault of [system.vault, system.plainVault]) await startSale({ ...system, vault });
    return system;
  }

  async function gasOf(sent: Promise<{ readonly hash: string }>): Promise<bigint> {
    const receipt = await ethers.provider.getTransactionReceipt((await sent).hash);
    if (!receipt) throw new Error("not mined");
    return receipt.gasUsed;
  }

  /** Gas of a partial take of each kind, all from the same state. */
  async function measure() {
    const system = await networkHelpers.loadFixture(started);
    const { keeper, pull, pyth, vault, plainVault, feedId } = system;
    const params = takeOf(system, 1_000n * system.oneLoan);
    const snapshot = await networkHelpers.takeSnapshot();
    const each = async (act: (data: string, now: bigint) => Promise<{ readonly hash: string }>) => {
      const data = await updateOf(system, { price: signedPrice(1_770n), confidence: signedPrice(3n) });
      const gas = await gasOf(act(data, BigInt(await time.latest())));
      await snapshot.restore();
      return gas;
    };
    const plain = await each(() => plainVault.connect(keeper).take(params));
    const without = await each(() => vault.connect(keeper).take(params));
    const withPrice = await each((data) => pull.connect(keeper).take(vault, [data], params, { value: FEE }));
    const parsing = await each((data, now) =>
      pyth
        .connect(keeper)
        .parsePriceFeedUpdatesWithConfig([data], [feedId], now - 6n, now, true, false, false, { value: FEE }),
    );
    return { plain, without, withPrice, parsing };
  }

  it("a take costs a little more where the oracle is a pull oracle, and no more than told with a price @gas", async () => {
    const { plain, without, withPrice, parsing } = await measure();
    expect(without - plain).to.be.within(1n, 8_000n);
    // What Pyth's contract itself takes is not ours: of the mock, what the same call costs alone.
    expect(withPrice - (parsing - 21_000n) - without).to.be.within(1n, 110_000n);
  });
});
