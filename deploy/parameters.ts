import { z } from "zod";

import { risk } from "./riskParameters.ts";
import {
  address,
  atLeastASecond,
  bounds,
  BPS,
  bps,
  decimal,
  decimals,
  isLocalPart,
  leg,
  type LocalPart,
  poolLiquidity,
  positive,
  seconds,
  within,
} from "./vocabulary.ts";
import { mistakes } from "../sdk/errors.ts";

/** What a parameters file may say. Amounts, prices and rates stand there as people write them; `system.ts` scales them. */

const LOCAL_CHAIN = 31_337;

/** The vault keeps three digits of these: what a file says must be what a chain then shows. */
const threeDigits = positive.refine(
  (value) => value.replace(".", "").replace(/^0+/, "").replace(/0+$/, "").length <= 3,
  { error: "must have at most three significant digits" },
);

/** A token or a feed as the file believes it to be; verification holds the chain against it. */
const token = z.strictObject({ address, decimals });

const source = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("chainlink"), ...leg.shape }),
  z.strictObject({
    kind: z.literal("chainlinkRatio"),
    base: leg,
    quote: leg,
    heartbeat: atLeastASecond,
    ...bounds,
  }),
  z.strictObject({
    kind: z.literal("uniswapTwap"),
    pool: address,
    window: z.int().min(60).max(86_400),
    minLiquidity: poolLiquidity,
    heartbeat: atLeastASecond,
    ...bounds,
  }),
]);

const rateModel = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("adaptive"),
    targetUtilisation: positive,
    steepness: positive,
    speed: decimal,
    initialRateAtTarget: positive,
    minRateAtTarget: positive,
    maxRateAtTarget: positive,
  }),
  z.strictObject({
    kind: z.literal("kinked"),
    base: decimal,
    slope1: decimal,
    slope2: decimal,
    kink: positive,
  }),
]);

const terms = z.strictObject({
  startPremiumBps: bps,
  holdBps: bps,
  maxDiscountBps: bps,
  penaltyBps: bps,
  targetLtvBps: bps,
  halfLife: atLeastASecond,
  horizon: atLeastASecond,
  lot: positive,
  impactBps: bps,
  urgencyBps: bps,
  fallWindow: z.int().min(0).max(600),
});

/** Numbers of the discount ticks of a batch auction go up to this. */
const LAST_TICK = 63;

const venue = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("uniswapV3"),
    factory: address,
    pool: address,
    window: z.int().min(12).max(86_400),
  }),
  z.strictObject({ kind: z.literal("uniswapV2"), factory: address, pair: address }),
]);

const cascade = within(0, 1);
const gas = z.int().min(0).max(10_000_000);

/** What the vault's market is like. The interval of the batches is the batch auction's own. */
const policy = z.strictObject({
  volatility: within(0.000_001, 0.05),
  fee: within(0, 0.05),
  priceMargin: within(0, 0.05),
  keeperMargin: within(0, 0.2),
  bidSpread: within(0.0001, 0.5),
  backstopMargin: within(0, 0.05),
  forcedLoss: within(0, 0.2),
  cascade: z.strictObject({ direct: cascade, dutch: cascade, batch: cascade, backstop: cascade }),
  gas: z.strictObject({ direct: gas, dutch: gas, batch: gas, backstop: gas }),
  depth: positive,
  backstopCapacity: decimal,
  bidArrival: within(0, 1),
  blockTimeMilliseconds: z.int().min(50).max(60_000),
  feedDelay: z.int().min(0).max(86_400),
});

const poolFill = { loan: positive, collateral: positive };
const mockPool = z.strictObject({
  fee: z.literal([100, 500, 3000, 10_000]),
  price: positive,
  ...poolFill,
});
const mockToken = z.strictObject({ name: z.string().min(1), symbol: z.string().min(1), decimals });
const mockAggregator = z.strictObject({ decimals, answers: z.array(positive).min(2) });

/** Seconds in which users can leave before a governor's act takes effect: two days. */
const LEAST_GOVERNOR_DELAY = 172_800;

const schema = z
  .strictObject({
    chainId: z.int().min(1),
    localMarket: z
      .strictObject({
        loan: mockToken,
        collateral: mockToken,
        primary: mockAggregator,
        second: mockAggregator,
        quote: mockAggregator,
        pool: mockPool,
        widePool: mockPool,
        pair: z.strictObject(poolFill),
      })
      .optional(),
    authority: z.strictObject({
      governor: address,
      governorDelay: seconds,
      guardians: z.array(address).min(1),
      stewards: z.array(address),
    }),
    loan: token,
    collateral: token,
    oracle: z.strictObject({
      primary: source,
      second: source.optional(),
      standby: source.optional(),
      sequencer: z.strictObject({ feed: address, grace: seconds }).optional(),
      maxDisagreementBps: bps,
      primaryGrace: z.int().min(0).max(3_600),
      expectedPrice: z.strictObject(bounds),
    }),
    rateModel,
    vault: z.strictObject({
      name: z.string().min(1),
      symbol: z.string().min(1),
      minDebt: positive,
      maxOracleStepBps: bps,
      borrowLtvBps: bps,
      liquidationLtvBps: bps,
      reserveFactorBps: bps,
      supplyCap: positive,
      borrowCap: positive,
      maxPositionDebt: positive,
      stressDepth: positive,
      reward: z.strictObject({ cap: threeDigits, nativePrice: threeDigits }),
      terms,
    }),
    liquidator: z.strictObject({ poolFactory: address, pools: z.array(address).min(1) }),
    directSale: z.strictObject({
      reference: z.int().min(0),
      venues: z.array(venue).min(1),
    }),
    batchAuction: z.strictObject({
      tickBps: z
        .int()
        .min(1)
        .max(Math.floor((BPS - 1) / LAST_TICK)),
      interval: z.int().min(1).max(86_400),
    }),
    policy,
    backstop: z.strictObject({
      name: z.string().min(1),
      symbol: z.string().min(1),
      cooldown: atLeastASecond,
      window: atLeastASecond,
      cover: positive,
      resale: terms.omit({
        penaltyBps: true,
        targetLtvBps: true,
        impactBps: true,
        urgencyBps: true,
        fallWindow: true,
      }),
    }),
    risk,
    seed: z.strictObject({ assets: positive, receiver: address }).optional(),
  })
  .superRefine((parameters, context) => {
    const refuse = (path: readonly (string | number)[], message: string): void => {
      context.addIssue({ code: "custom", path: [...path], message });
    };
    if (parameters.localMarket !== undefined && parameters.chainId !== LOCAL_CHAIN) {
      refuse(["localMarket"], `is for chain ${LOCAL_CHAIN} only: elsewhere name what is there`);
    }
    const { governor, governorDelay, guardians, stewards } = parameters.authority;
    if (parameters.chainId !== LOCAL_CHAIN && governorDelay < LEAST_GOVERNOR_DELAY) {
      refuse(
        ["authority", "governorDelay"],
        `must be at least ${LEAST_GOVERNOR_DELAY} seconds on a chain that is not a local one`,
      );
    }
    const holders = [governor, ...guardians, ...stewards];
    const twice = holders.find((account, i) => holders.indexOf(account) !== i);
    if (twice !== undefined)
      refuse(["authority"], `names ${twice} twice: the governor holds every role already`);
    const { tickBps } = parameters.batchAuction;
    const { maxDiscountBps } = parameters.vault.terms;
    if (tickBps * LAST_TICK < maxDiscountBps) {
      refuse(["batchAuction", "tickBps"], `${LAST_TICK} ticks do not reach the terms' maxDiscountBps`);
    }
    const { reference, venues } = parameters.directSale;
    if (venues[reference]?.kind !== "uniswapV3") {
      refuse(["directSale", "reference"], "must be the place of a uniswapV3 venue in `venues`, from 0 on");
    }
    const market = parameters.localMarket;
    if (market !== undefined && market.pool.fee === market.widePool.fee) {
      refuse(["localMarket", "widePool", "fee"], "must differ from the other pool's");
    }
    if (market === undefined) {
      const part = findLocalPart(parameters);
      if (part !== undefined) refuse(part.path, `${part.name} needs a localMarket`);
    }
  });

/** Where a value names a part of a local market. */
const findLocalPart = (
  value: unknown,
  path: readonly string[] = [],
): { readonly name: LocalPart; readonly path: readonly string[] } | undefined => {
  if (typeof value === "string") return isLocalPart(value) ? { name: value, path } : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = findLocalPart(inner, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
};

export type Parameters = z.infer<typeof schema>;
export type SourceParameters = Parameters["oracle"]["primary"];
export type VenueParameters = z.infer<typeof venue>;
export type LegParameters = z.infer<typeof leg>;

/** Checks what a parameters file says. */
export const parseParameters = (contents: unknown): Parameters => {
  const result = schema.safeParse(contents, {
    error: ({ code, input }) => (code === "invalid_type" && input === undefined ? "is missing" : undefined),
  });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw mistakes.invalidParameter("", "is not valid");
  const where = issue.path.map(String).join(".");
  throw mistakes.invalidParameter(where, issue.message);
};

/** The same parameters with the addresses of a local market in place of its parts' names. */
export const withLocalMarket = (
  parameters: Parameters,
  addresses: Readonly<Record<LocalPart, string>>,
): Parameters => {
  const replace = (value: unknown): unknown => {
    if (typeof value === "string") return isLocalPart(value) ? addresses[value] : value;
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replace(inner)]));
  };
  return parseParameters(replace(parameters));
};
