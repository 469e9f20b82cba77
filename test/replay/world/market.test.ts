import { expect } from "chai";
import type { Result } from "ethers";

import { value } from "../../../sdk/saleMath.ts";
import { priceToScaled, rawPrice } from "../../../sdk/units.ts";
import { type Outcome, replay } from "../../../scripts/replay/run/engine.ts";
import { fixed5 } from "../../../scripts/replay/mechanisms/fixedBonus.ts";
import { batch, direct, dutch } from "../../../scripts/replay/mechanisms/gavel.ts";
import {
  MARKET_NAMES,
  MARKETS,
  type MarketSettings,
  NATIVE_PRICE,
} from "../../../scripts/replay/input/markets.ts";
import type { Lending } from "../../../scripts/replay/mechanisms/lending.ts";
import type { Agents, Desk } from "../../../scripts/replay/agents/agents.ts";
import type { Ground, Mechanism } from "../../../scripts/replay/mechanisms/mechanism.ts";
import { type RunResult, toRun } from "../../../scripts/replay/records/result.ts";
import type { Scenario } from "../../../scripts/replay/input/scenario.ts";
import { CRASH, path, SCENARIO, thenStay } from "../scenarios.ts";

/** Down by an eighth in half an hour, so slowly that the oracle's sources agree, and on from there. */
const SLIDE = path(
  ...thenStay(
    Array.from({ length: 36 }, (_, i) => 3_000 - 12 * i),
    30,
  ),
);
/** Over an hour of calm, in which volatility is measured; down by a fifth within the next; a calm end. */
const SLOW_CRASH = path(
  ...Array.from({ length: 75 }, (_, i) => 3_000 + 16 * (i % 2)),
  ...thenStay(
    Array.from({ length: 60 }, (_, i) => 3_000 * (1 - (0.2 * (i + 1)) / 60)),
    15,
  ),
);
/** Long enough for all that is due to be sold in any market. */
const LONG_CRASH = path(
  ...thenStay(
    CRASH.slice(0, 11).map(({ price }) => price),
    90,
  ),
);
/** Down by a tenth from one moment to the next. */
const GAP = path(...thenStay([3_000, 3_000, 2_700], 20));

async function run(
  mechanism: Mechanism,
  settings: Partial<MarketSettings>,
  changes: Partial<Scenario> = {},
): Promise<{ readonly outcome: Outcome; readonly result: RunResult }> {
  const scenario = { ...SCENARIO, ...changes, market: { ...MARKETS.calm, ...settings } };
  const outcome = await replay(scenario, mechanism);
  return { outcome, result: toRun(mechanism, outcome) };
}

const expectConserved = ({ result }: { readonly result: RunResult }): void => {
  expect(result.conservation.details.filter(({ ok }) => !ok)).to.deep.equal([]);
};
/**
 * What borrowers and lenders lost together by sales, loan units: all that was sold, at the price where the crash ends, less all that
 * was paid for it. Who sells later gets less for it: waiting is not free.
 */
const costOf = ({ recorder, system }: Outcome): number => {
  const end = rawPrice(system.scenario.path.at(-1)?.price ?? 0);
  const takes = recorder.sales.flatMap((sale) => sale.takes);
  return takes.reduce(
    (sum, { collateral, repaid, penalty }) => sum + Number(collateral) * end - Number(repaid + penalty),
    0,
  );
};
const debtRepaidBy = ({ recorder, rounds }: Outcome, seconds: number): number => {
  const start = rounds[0]?.time ?? 0;
  const takes = recorder.sales.flatMap((sale) => sale.takes).filter(({ time }) => time <= start + seconds);
  return takes.reduce((sum, { repaid }) => sum + Number(repaid), 0);
};

/** What the sale policy goes by, and all that a steward could move besides. */
interface Told {
  readonly inputs: { readonly volatility: bigint; readonly depth: bigint };
  readonly params: unknown;
}

/** Gas of all transactions, and what it cost, loan units. */
function gasIn(outcome: Outcome): { readonly gas: bigint; readonly cost: bigint } {
  const uses = Object.values(outcome.gas);
  return {
    gas: uses.reduce((sum, use) => sum + use.gas, 0n),
    cost: uses.reduce((sum, use) => sum + use.cost, 0n),
  };
}

/** The mechanism with somebody who writes down what its policy is told, every ten minutes. */
function listening(mechanism: Mechanism, seen: Told[]): Mechanism {
  const deploy = async (ground: Ground): Promise<Lending> => {
    const lending = await mechanism.deploy(ground);
    const { ethers } = ground.chain.connection;
    const addresses = new Map(ground.holders.entries);
    const vault = await ethers.getContractAt("IVault", lending.entrance);
    const policy = await ethers.getContractAt("SalePolicy", addresses.get("SalePolicy") ?? "");
    const hire = async (): Promise<Agents> => {
      const agents = await lending.hire();
      const tend = async (desk: Desk): Promise<void> => {
        await agents.tend(desk);
        if (desk.time % 600 >= ground.scenario.stepSeconds) return;
        const inputs = (await policy.inputs(vault)) as unknown as Result;
        const params = (await vault.params()) as unknown as Result;
        seen.push({
          inputs: inputs.toObject(true) as Told["inputs"],
          params: params.toObject(true),
        });
      };
      return Object.create(agents, { tend: { value: tend } }) as Agents;
    };
    return Object.create(lending, { hire: { value: hire } }) as Lending;
  };
  return { ...mechanism, deploy };
}

describe("An honest market", () => {
  it("brings the feed's rounds later when prices move", async () => {
    const landedAfter = async (settings: Partial<MarketSettings>): Promise<number> => {
      const { outcome } = await run(dutch, settings, { path: path(3_000, 3_000, 2_700, 2_700) });
      const [first, second] = outcome.rounds;
      return (second?.time ?? 0) - (first?.time ?? 0) - 120;
    };
    expect(await landedAfter({ lag: 12, lagRise: 1 })).to.equal(12);
    expect(await landedAfter({ lag: 12, lagRise: 3 })).to.equal(36);
  });

  it("makes gas dearer when prices move, for what is reckoned and for what is paid", async () => {
    const gasOf = async (gasRise: number) => {
      const baseFees: bigint[] = [];
      const { outcome } = await run(
        {
          ...dutch,
          deploy: (ground) => {
            const { chain } = ground;
            const send = chain.send.bind(chain);
            chain.send = async (...args) => {
              const receipt = await send(...args);
              const block = (await chain.request("eth_getBlockByNumber", "latest", false)) as {
                baseFeePerGas: string;
              };
              baseFees.push(BigInt(block.baseFeePerGas));
              return receipt;
            };
            return dutch.deploy(ground);
          },
        },
        { gasRise },
        { path: CRASH },
      );
      const { gas, cost } = gasIn(outcome);
      return {
        perGas: Number(cost) / Number(gas),
        most: baseFees.reduce((a, b) => (a > b ? a : b)),
      };
    };
    const [flat, rising] = [await gasOf(1), await gasOf(3)];
    expect(flat.most).to.equal(SCENARIO.gasPrice);
    expect(rising.most).to.equal(3n * SCENARIO.gasPrice);
    expect(rising.perGas).to.be.above(1.2 * flat.perGas);
  });

  it("prices gas in the chain's coin, not in the collateral", async () => {
    const cheap = CRASH.map(({ time, price }) => ({ time, price: price / 100 }));
    const { outcome } = await run(dutch, {}, { path: cheap });
    const { gas, cost } = gasIn(outcome);
    expect(gas).to.be.above(0n);
    const worth = value(gas * SCENARIO.gasPrice, priceToScaled(NATIVE_PRICE));
    expect(Math.abs(Number(cost - worth))).to.be.below(1_000);
  });

  it("lets no keeper sleep: what did not pay in one block is looked at in the next", async () => {
    // While everybody wants out gas costs a thousand times as much; a minute later it is as cheap as ever.
    const { outcome } = await run(dutch, { gasRise: 1_000 }, { path: GAP });
    const starts = outcome.recorder.sales.map(({ startedAt }) => startedAt - (GAP[2]?.time ?? 0));
    expect(starts.length).to.be.at.least(2);
    for (const seconds of starts) expect(seconds).to.be.within(60, 120);
  });

  it("takes part of a direct sale's room away from it, for its keeper, at the borrower's cost", async () => {
    const runs = [];
    for (const sandwich of [0, 0.6, 0.95]) runs.push(await run(direct, { sandwich }, { path: SLIDE }));
    for (const each of runs) {
      expectConserved(each);
      expect(each.result.takeCount).to.be.at.least(2);
      expect(each.result.recoveryRate).to.equal(1);
    }
    const haircuts = runs.map(({ result }) => Number(result.borrowerLoss) / Number(result.collateralSold));
    expect(haircuts[1]).to.be.above((haircuts[0] ?? 0) + 0.0005);
    expect(haircuts[2]).to.be.above(haircuts[0] ?? 0);
    const profits = runs.map(({ result }) => Number(result.keeperProfit));
    expect(profits[1]).to.be.above(profits[0] ?? 0);
  });

  it("holds the pool off the market at a cost that is told, and conserves every token", async () => {
    const holdOff = { bps: 100, blocks: 10, everySeconds: 600 };
    const held = await run(direct, { holdOff }, { path: SLIDE });
    expectConserved(held);
    expect(held.outcome.manipulationCost).to.be.above(0n);
    const free = await run(direct, {}, { path: SLIDE });
    expect(free.outcome.manipulationCost).to.equal(0n);
  });

  it("has fewer bids when it is wild, and they come back slowly", async () => {
    const [staying, leaving] = [
      await run(batch, { biddersLeave: 0 }, { path: CRASH }),
      await run(batch, { biddersLeave: 1 }, { path: CRASH }),
    ];
    for (const each of [staying, leaving]) expectConserved(each);
    expect(debtRepaidBy(staying.outcome, 900)).to.be.above(500_000e6);
    expect(debtRepaidBy(leaving.outcome, 900)).to.be.below(debtRepaidBy(staying.outcome, 900) / 2);
  });

  it("takes depth away when it is wild, which costs whoever sells", async () => {
    const [deep, thin] = [
      await run(fixed5, { depthLeft: 1 }, { path: CRASH }),
      await run(fixed5, { depthLeft: 0.1 }, { path: CRASH }),
    ];
    for (const each of [deep, thin]) expectConserved(each);
    expect(thin.result.impactBps.max).to.be.above(2 * deep.result.impactBps.max);
    expect(costOf(thin.outcome)).to.be.above(costOf(deep.outcome));
  });

  it("tells the policy volatility and depth by oracles and steward, and moves nothing else", async () => {
    const seen: Told[] = [];
    const { outcome } = await run(listening(direct, seen), { depthLeft: 0.1 }, { path: SLOW_CRASH });
    const [first, last] = [seen[0], seen.at(-1)];
    expect(outcome.parameterMoves.length).to.be.at.least(2);
    expect(last?.inputs.volatility).to.be.above(first?.inputs.volatility ?? 0n);
    expect(last?.inputs.depth).to.be.below(first?.inputs.depth ?? 0n);
    const held = ({ inputs, ...rest }: Told) => ({ ...rest, ...inputs, volatility: 0n, depth: 0n });
    for (const told of seen) expect(held(told)).to.deep.equal(first === undefined ? undefined : held(first));
  });

  it("costs no less the harder it is", async () => {
    for (const mechanism of [dutch, fixed5]) {
      const costs: number[] = [];
      for (const name of MARKET_NAMES) {
        const each = await run(mechanism, MARKETS[name], { path: LONG_CRASH });
        expectConserved(each);
        costs.push(costOf(each.outcome));
      }
      expect(costs, mechanism.name).to.deep.equal([...costs].sort((a, b) => a - b));
    }
  });
});
