import type { MechanismName } from "./mechanismNames.ts";

const FEED_AND_MEAN = "feed and pool mean";
const FEED = "feed";

/** Prices that each protocol decides by whether a position is unhealthy, and what it is sold for. */
export const READS: Readonly<Record<MechanismName, string>> = {
  dutch: FEED_AND_MEAN,
  direct: FEED_AND_MEAN,
  batch: FEED_AND_MEAN,
  auto: FEED_AND_MEAN,
  fixed5: FEED_AND_MEAN,
  fixed2: FEED_AND_MEAN,
  euler: FEED_AND_MEAN,
  aave4: FEED_AND_MEAN,
  aave: FEED,
  morpho: FEED,
  whole5: FEED_AND_MEAN,
};
