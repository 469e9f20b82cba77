import type { BaseContract } from "ethers";

import { STRESS } from "../../kit/riskDefaults.ts";
import { addLiquidity, createPool, type UniswapV3 } from "../../kit/uniswap.ts";
import { ceilDiv, max } from "../../../sdk/math.ts";
import { amountsInRange, reserveForDepth } from "../../world/pool.ts";
import type { PricePoint } from "../../world/pricePath.ts";
import { loanToNumber, LOAN_DECIMALS, priceToScaled, rawPrice } from "../../../sdk/units.ts";
import type { Chain } from "./chain.ts";
import type { Holders } from "./holders.ts";
import { LiquidityProvider } from "./liquidity.ts";
import { MarketMakers } from "./makers.ts";
import { Manipulator } from "./manipulator.ts";
import { Market } from "./market.ts";
import { POOL_FEE, RANGES } from "./parameters.ts";
import type { Scenario } from "../input/scenario.ts";
import type { Tokens } from "./tokens.ts";

/** Observations beyond those that the window needs: the depth oracle looks back over two of its own. */
const SPARE_OBSERVATIONS = 85;
/** What an arbitrageur, a manipulator and the liquidity provider have, over the pool's virtual reserves: more than any path needs. */
const PURSE = 1_000;

/** Seconds of the longest mean that anybody asks the pool for. */
export function longestWindow({ oracle }: Pick<Scenario, "oracle">): number {
  return Number(max(oracle.twapWindow, STRESS.twapWindow));
}

/** A pool at the scenario's first price with liquidity in several ranges, and those who make its price and depth. */
export async function deployMarket(
  chain: Chain,
  scenario: Scenario,
  parts: { readonly uniswap: UniswapV3; readonly tokens: Tokens; readonly holders: Holders },
  start: PricePoint,
): Promise<{ readonly market: Market; readonly makers: MarketMakers }> {
  const startPrice = start.price;
  const { uniswap, tokens, holders } = parts;
  const { connection } = chain;
  const window = longestWindow(scenario);
  const pool = await createPool(connection, uniswap, {
    base: tokens.collateral,
    quote: tokens.loan,
    fee: POOL_FEE,
    price: priceToScaled(startPrice),
    cardinality: BigInt(Math.ceil(window / Math.min(scenario.stepSeconds, window)) + SPARE_OBSERVATIONS),
  });
  holders.add("Uniswap v3 pool", pool.address);

  const root = Math.sqrt(rawPrice(startPrice));
  const liquidity = (reserveForDepth(loanToNumber(scenario.depth)) * 10 ** LOAN_DECIMALS) / root;
  const provider = await holders.actor("liquidity provider");
  const owner = await connection.ethers.getImpersonatedSigner(provider);
  for (const { reach, share } of RANGES) {
    const spread = Math.sqrt(reach);
    const amounts = amountsInRange(liquidity * share, root, root / spread, root * spread);
    const baseAmount = BigInt(Math.ceil(amounts.collateral));
    const quoteAmount = BigInt(Math.ceil(amounts.loan));
    await tokens.wrap(provider, baseAmount);
    await tokens.mintLoan(provider, quoteAmount);
    const scaled = priceToScaled(startPrice);
    const reachBps = BigInt(Math.round(Math.min(reach, 1e6) * 10_000));
    const range = { lower: ceilDiv(scaled * 10_000n, reachBps), upper: (scaled * reachBps) / 10_000n };
    await addLiquidity(connection, uniswap, pool, {
      owner,
      baseAmount,
      quoteAmount,
      ...(reach === Infinity ? {} : { range }),
    });
  }

  const endow = async (account: string, spender: BaseContract): Promise<string> => {
    await tokens.wrap(account, BigInt(Math.ceil((liquidity / root) * PURSE)));
    await tokens.mintLoan(account, BigInt(Math.ceil(liquidity * root * PURSE)));
    for (const token of ["loan", "collateral"] as const) {
      await tokens.approve(account, token, String(spender.target));
    }
    return account;
  };
  const { arbitrage: share, holdOff } = scenario.market;
  const account = await endow(await holders.actor("arbitrageur"), uniswap.router);
  const market = new Market(chain, uniswap, pool, { account, share });
  await market.refresh();
  await endow(provider, uniswap.positionManager);
  const manipulator =
    holdOff === undefined
      ? undefined
      : new Manipulator(
          market,
          await endow(await holders.actor("manipulator"), uniswap.router),
          holdOff,
          start.time,
        );
  const makers = new MarketMakers(market, scenario.market, {
    provider: await LiquidityProvider.create(chain, uniswap, market, provider),
    manipulator,
  });
  return { market, makers };
}
