import { expect } from "chai";
import { network } from "hardhat";

import { Random } from "../../../../scripts/world/random.ts";
import { BonusKeepers } from "../../../../scripts/replay/agents/bonusKeepers.ts";
import { Crew } from "../../../../scripts/replay/agents/crew.ts";
import type { PositionView } from "../../../../sdk/positionView.ts";
import type { Desk } from "../../../../scripts/replay/agents/agents.ts";

const { ethers } = await network.create({ network: "sim", chainType: "l1" });

const CONTRACT = `0x${"ab".repeat(20)}`;
const KEEPER = { name: "keeper", address: `0x${"01".repeat(20)}`, margin: 0.001, presence: 1 };
/** The pool's price is 1 loan unit per collateral unit, and so deep that sales hardly move it. */
const POOL = { root: 1, liquidity: 1e13 };

/** Loan units per collateral unit that a position can be bought at. */
function forSale(borrower: string, debt: bigint, price: number): PositionView {
  return {
    borrower,
    status: "FOR_SALE",
    collateral: 2n * debt,
    debt,
    value: debt,
    health: 0n,
    salePrice: 0n,
    closeAmount: debt,
    penalty: 0n,
    collateralOut: BigInt(Math.round(Number(debt) / price)),
  };
}

/** Keepers at a desk where a liquidation costs 1,000 loan units of gas; those of `reverting` positions fail. */
async function hire(views: readonly PositionView[], reverting: readonly string[] = []) {
  const contract = await ethers.getContractAt("MockCollateralSeller", CONTRACT);
  const sold: string[] = [];
  const left = (): readonly PositionView[] => views.filter(({ borrower }) => !sold.includes(borrower));
  const desk: Desk = {
    time: 0,
    marketPrice: 1,
    oraclePrice: 1,
    wildness: 0,
    gasCost: () => 1_000,
    look: async () => left(),
    send: async (_purpose, _from, _to, data) => {
      sold.push(data);
      return { gasUsed: 0n, logs: [] };
    },
  };
  const keepers = new BonusKeepers(
    {
      market: { state: POOL },
      chain: { tryCall: async (_to, data) => (reverting.includes(data) ? undefined : "0x") },
    },
    // The call is the borrower's name: enough to see who is liquidated.
    { contract, gas: 1, minDebt: 0n, encode: ({ borrower }) => borrower },
  );
  const crew = new Crew({ keepers: [KEEPER], random: new Random(1, 0), trades: [keepers] });
  return { act: async () => crew.act(desk, views), sold };
}

describe("Keepers of pools with a bonus", () => {
  it("go on to the next position where one does not pay what they want", async () => {
    // Cheapest of all, but 1,050 of profit leaves 50 after gas, and the margin asks for 100.
    const poor = forSale("poor", 100_000n, 100_000 / 101_100);
    const rich = forSale("rich", 1_000_000n, 0.991);
    const { act, sold } = await hire([poor, rich]);
    await act();
    expect(sold).to.deep.equal(["rich"]);
  });

  it("go on to the next position where one cannot be liquidated", async () => {
    const { act, sold } = await hire(
      [forSale("stuck", 2_000_000n, 0.9), forSale("free", 1_000_000n, 0.9)],
      ["stuck"],
    );
    await act();
    expect(sold).to.deep.equal(["free"]);
  });

  it("liquidate all that pays, what pays best first", async () => {
    const { act, sold } = await hire([
      forSale("small", 1_000_000n, 0.95),
      forSale("large", 3_000_000n, 0.95),
    ]);
    await act();
    expect(sold).to.deep.equal(["large", "small"]);
  });

  it("try a position again at the next step where it could not be liquidated at this one", async () => {
    const reverting = ["stuck"];
    const { act, sold } = await hire([forSale("stuck", 1_000_000n, 0.9)], reverting);
    await act();
    expect(sold).to.deep.equal([]);
    reverting.pop();
    await act();
    expect(sold).to.deep.equal(["stuck"]);
  });
});
