// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Who buys a lot. DIRECT: pools, at once. DUTCH: any taker, at the clock's price. BATCH: standing bids, at the next
/// boundary. BACKSTOP: the backstop, at the end of the clock.
enum Mechanism {
  DIRECT,
  DUTCH,
  BATCH,
  BACKSTOP
}

/// @notice What one vault's market is like. Shares are WAD of the value sold.
/// @param volatility Volatility of the price, WAD per sqrt(second).
/// @param fee Fee of the pools.
/// @param priceMargin What a direct sale gives away to whoever moves the pools around it.
/// @param keeperMargin What a taker wants above its own cost of selling.
/// @param bidSpread Bidders ask for discounts evenly between 0 and this.
/// @param backstopMargin What the backstop costs above the discount at which it buys.
/// @param forcedLoss What is lost on the value that a fall of the price forces others to sell.
/// @param cascade By mechanism: value that others are forced to sell, over the value sold: log price fall that stays, per value
/// sold, times liquidation-at-risk per log price fall.
/// @param gas By mechanism: gas units of a sale.
/// @param depth Quote-side depth (virtual reserve) of the pools together, loan units.
/// @param backstopCapacity What the backstop can buy, loan units.
/// @param bidArrival Lots that are bid for per second, WAD.
/// @param blockTime Milliseconds between blocks.
/// @param batchInterval Seconds between boundaries, which lie at its multiples in unix time.
/// @param feedDelay Seconds by which the oracle's price is old on average.
struct RiskInputs {
  uint64 volatility;
  uint64 fee;
  uint64 priceMargin;
  uint64 keeperMargin;
  uint64 bidSpread;
  uint64 backstopMargin;
  uint64 forcedLoss;
  uint64[4] cascade;
  uint64[4] gas;
  uint128 depth;
  uint128 backstopCapacity;
  uint64 bidArrival;
  uint32 blockTime;
  uint32 batchInterval;
  uint32 feedDelay;
}

/// @notice What selling a lot in one way is expected to lose, each a WAD share of the lot's value at the deciding price.
/// @param feasible Whether it can be done at all.
/// @param mechanismLoss Under the deciding price: slippage and fees, or the discount with what takers win from time and staleness.
/// @param waiting Expected shortfall of the whole position until then.
/// @param gas Gas cost of who carries it out.
/// @param cascade Loss on what others are forced to sell.
/// @param total Sum of the four.
/// @param time Seconds until the lot is sold on average, WAD.
struct Assessment {
  bool feasible;
  uint256 mechanismLoss;
  uint256 waiting;
  uint256 gas;
  uint256 cascade;
  uint256 total;
  uint256 time;
}

/// @notice Every way of selling a lot, in the order of `Mechanism`.
/// @param value Value of the lot at the deciding price, loan units: what may be closed now, at that price.
/// @param best The feasible one that loses least; of two that lose the same the faster one. DUTCH where none is feasible: the
/// clock runs by itself.
struct Recommendation {
  uint256 value;
  Assessment[4] assessments;
  Mechanism best;
}
