import { deployUniswap } from "../../kit/uniswap.ts";
import { openBook } from "../../world/book.ts";
import { priceToWad } from "../../../sdk/units.ts";
import type { Chain } from "./chain.ts";
import { deployMarket, longestWindow } from "./deployMarket.ts";
import { deployOracle } from "./deployOracle.ts";
import { Holders } from "./holders.ts";
import type { Ground, Mechanism } from "../mechanisms/mechanism.ts";
import { openPositions } from "./openPositions.ts";
import { vaultSizes } from "./parameters.ts";
import type { Scenario } from "../input/scenario.ts";
import { Tokens } from "./tokens.ts";

export type ReplaySystem = Awaited<ReturnType<typeof deployReplay>>;

/** Everything is deployed so many seconds before the scenario begins: means need their windows. */
export const warmUp = (scenario: Scenario): number => 2 * longestWindow(scenario);
/** Decimals of the aggregator: so many that no price is too small for it. */
const FEED_DECIMALS = 18n;

/** Deploys the whole system in the warm-up, and opens the book at the scenario's first price. */
export async function deployReplay(
  chain: Chain,
  scenario: Scenario,
  mechanism: Mechanism,
  onOpened: (count: number) => void,
) {
  const [start] = scenario.path;
  if (start === undefined) throw new RangeError("a price path needs a point");
  const { ethers } = chain.connection;
  const [governor] = await ethers.getSigners();
  if (governor === undefined) throw new Error("the chain has no accounts");
  await chain.prepareDeployer(governor.address);
  const sizes = vaultSizes(scenario);
  const book = openBook(scenario.accounts, scenario.totalDebt, { ...scenario.ltvs, ...sizes });
  const holders = new Holders(chain);

  const uniswap = await deployUniswap(chain.connection);
  const tokens = new Tokens(
    chain,
    await ethers.deployContract("MockERC20", ["USD Coin", "USDC", 6n]),
    uniswap.weth,
  );
  const { market, makers } = await deployMarket(chain, scenario, { uniswap, tokens, holders }, start);
  const aggregator = await ethers.deployContract("MockAggregator", [FEED_DECIMALS]);
  const authority = await ethers.deployContract("AccessManager", [governor]);

  chain.moveTo(start.time);
  await aggregator.pushAnswer(priceToWad(start.price));
  const { pool } = market;
  const parts = { authority, tokens, aggregator, pool: pool.address, startPrice: start.price };
  const oracle = await deployOracle(chain, { ...parts, settings: scenario.oracle });
  const built = { chain, scenario, governor, authority, tokens, uniswap, market, aggregator, oracle };
  const ground: Ground = { ...built, sizes, book, holders };
  const lending = await mechanism.deploy(ground);
  const { low } = await oracle.price();
  const opened = await openPositions(
    chain,
    { lending, tokens, holders, low, supply: sizes.supply },
    book.openings,
    onOpened,
  );

  for (const [name, address] of Object.entries(lending.contracts)) holders.add(name, address);
  holders.addAll({ oracle, aggregator });
  for (const [name, contract] of Object.entries(uniswap))
    holders.add(`Uniswap ${name}`, String(contract.target));
  holders.add("governor", governor.address);
  return { ...ground, lending, ...opened, makers };
}
