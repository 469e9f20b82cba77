// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a steward moves, in the order of its arrays. Tighter is higher for HOLD, MAX_DISCOUNT, URGENCY and
/// POLICY_VOLATILITY, and lower for all others. Units: bps; HALF_LIFE seconds; LOT, STRESS_DEPTH, caps and POLICY_DEPTH loan units;
/// POLICY_VOLATILITY WAD per sqrt(second).
enum Parameter {
  LIQUIDATION_LTV,
  BORROW_LTV,
  START_PREMIUM,
  HOLD,
  MAX_DISCOUNT,
  TARGET_LTV,
  HALF_LIFE,
  LOT,
  URGENCY,
  STRESS_DEPTH,
  BORROW_CAP,
  MAX_POSITION_DEBT,
  POLICY_VOLATILITY,
  POLICY_DEPTH
}

/// @notice Why a parameter was moved.
enum Reason {
  TIGHTENED,
  LOOSENED
}

/// @notice The governor's bounds of one parameter, in its unit.
/// @param floor Least that the steward moves it to.
/// @param ceiling Most that the steward moves it to.
/// @param tightDelay Seconds over which changes that tighten it add up: what follows on one within them may only use what it has
/// left of the step. What follows a loosening waits for nothing.
/// @param looseDelay Seconds between two changes, at least, for one that loosens, and seconds that a calmer market must hold.
/// @param tightStep Most that it is tightened by within `tightDelay`, by one change or by many.
/// @param looseStep Most that one change loosens it by, and the dead band: what is nearer than this stays, unless the
/// envelope ends there.
struct Bounds {
  uint96 floor;
  uint96 ceiling;
  uint32 tightDelay;
  uint32 looseDelay;
  uint88 tightStep;
  uint88 looseStep;
}

/// @notice The bounds of one parameter and its past: two slots.
/// @param changedAt Moment of the last change, or for the LTV of its last announcement, unix seconds.
/// @param calmSince Since when a looser value has been asked for without a break, unix seconds; 0 while it is not.
/// @param spent Part of `tightStep` that is used up since changes began to follow each other within `tightDelay`, in 1/65,535,
/// rounded up.
struct Dial {
  uint96 floor;
  uint96 ceiling;
  uint32 tightDelay;
  uint32 looseDelay;
  uint88 tightStep;
  uint88 looseStep;
  uint32 changedAt;
  uint32 calmSince;
  uint16 spent;
}

/// @notice The governor's base values for one vault: what a calm and a wild market are, and what follows from it.
/// @param feed Whose volatility counts.
/// @param calmVolatility At which the calm ends of the bounds hold, WAD per sqrt(second).
/// @param wildVolatility At which the wild ends of hold, maximal discount, urgency and target LTV are reached, WAD per sqrt(second).
/// @param stressVolatility What full stress adds to the volatility, as a multiple of it, WAD.
/// @param calmDepth Down to which a market is calm: LTV follows the depth below it, loan units.
/// @param depthKept Share of the depth that a crash leaves, without stress, WAD.
/// @param depthKeptStressed The same at full stress, WAD.
/// @param capPerDepth Borrow cap over what a crash leaves of the depth, WAD.
/// @param coverage F of F6 for the position that the clock is set for: what its collateral brings over its debt, WAD.
/// @param exposure D/Q of F6 for that position: its debt over what is sold of it, WAD.
/// @param notice Seconds between the announcement of a lower `liquidationLtv` and the start of its ramp.
/// @param rampDuration Seconds of that ramp at least: it falls by no more than 200 bps a day.
/// @param maxInputAge Seconds after which volatility and depth are stale.
/// @param maxGap Seconds between two complete looks over which a calm is not known to have held: they do not count.
/// @param saleLossBps b of F12: what a sale may lose, bps.
/// @param targetShareBps Target LTV of sales over `liquidationLtv` in a calm market, bps.
/// @param targetShareWildBps The same in a wild one, bps.
struct StewardConfig {
  address feed;
  uint64 calmVolatility;
  uint64 wildVolatility;
  uint64 stressVolatility;
  uint128 calmDepth;
  uint64 depthKept;
  uint64 depthKeptStressed;
  uint64 capPerDepth;
  uint64 coverage;
  uint64 exposure;
  uint32 notice;
  uint32 rampDuration;
  uint32 maxInputAge;
  uint32 maxGap;
  uint16 saleLossBps;
  uint16 targetShareBps;
  uint16 targetShareWildBps;
}

/// @notice The inputs as they count: one that is not there stands at its calm value, and nothing loosens.
/// @param volatility WAD per sqrt(second).
/// @param depth Loan units. Its calm value is the ceiling of POLICY_DEPTH: what is usual.
/// @param stress WAD, at most 1.
/// @param hasVolatility It is complete and not stale.
/// @param hasDepth It is complete and not stale.
/// @param hasStress Enough sources are live.
/// @param hasPrice The vault's oracle is FRESH: its sources agree.
struct Market {
  uint256 volatility;
  uint256 depth;
  uint256 stress;
  bool hasVolatility;
  bool hasDepth;
  bool hasStress;
  bool hasPrice;
}

/// @notice What a vault says of itself that targets depend on and that bounds every change.
/// @param maxOracleStepBps Between `borrowLtv` and `liquidationLtv`, bps.
/// @param penaltyBps Penalty of its terms, bps.
/// @param leastLtvBps Lower end of the ramp of `liquidationLtv`, bps.
/// @param mostLtvBps Its upper end, bps.
/// @param keeperMargin What a taker wants above its own cost, WAD.
/// @param blockTime Milliseconds; 0 where it is not known.
struct VaultRules {
  uint256 maxOracleStepBps;
  uint256 penaltyBps;
  uint256 leastLtvBps;
  uint256 mostLtvBps;
  uint256 keeperMargin;
  uint256 blockTime;
}

/// @notice What a steward remembers of a vault besides its dials: one slot.
/// @param observedAt When it last looked with all inputs there, unix seconds.
/// @param termsAt When it last wrote terms, unix seconds.
/// @param rampStart Start of the last ramp that it started, unix seconds.
/// @param startsAt From when on the announced ramp can be started, unix seconds; 0 while none is announced.
/// @param announcedBps Where that ramp goes, bps.
/// @param askedBy Which inputs asked for that ramp: 1 volatility, 2 depth, 4 stress, summed.
/// @param loosened A bit for each parameter whose last change loosened it, and one, the fifteenth, for terms that were last written to
/// loosen only.
struct StewardState {
  uint40 observedAt;
  uint40 termsAt;
  uint40 rampStart;
  uint40 startsAt;
  uint16 announcedBps;
  uint8 askedBy;
  uint16 loosened;
}
