import type { MechanismName } from "./mechanismNames.ts";

/** Health goes by the feed; the mean must agree with it, or what is sold and how is bounded. */
const FEED_AND_MEAN = "feed and pool mean";
/** Health, and the price of what is sold, as Gavel's oracle decides: the feed while it lives. */
const GAVELS_FEED = "feed, by Gavel's oracle";
const FEED = "feed";

/** Prices that each protocol goes by: who is unhealthy, and what is sold at what price. */
export const READS: Readonly<Record<MechanismName, string>> = {
  dutch: FEED_AND_MEAN,
  direct: FEED_AND_MEAN,
  batch: FEED_AND_MEAN,
  auto: FEED_AND_MEAN,
  fixed5: GAVELS_FEED,
  fixed2: GAVELS_FEED,
  euler: GAVELS_FEED,
  aave4: GAVELS_FEED,
  whole5: GAVELS_FEED,
  aave: FEED,
  morpho: FEED,
};
