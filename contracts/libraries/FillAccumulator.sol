// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @title FillAccumulator
/// @notice Stakes that are filled together, pro rata, at a cost that does not depend on how many there are. A stake is loan
/// assets that wait; a fill turns a part of all of them into collateral.
/// @dev A product says what is left of a stake, a sum what it got, both read at the stake's entry and at its exit. A fill of
/// everything ends the epoch: nothing is left of any stake in it. A product that gets small is multiplied by 2^32 and the scale
/// counts one up. Entries and exits wait for the next boundary in one cohort; the first touch after the boundary folds it in
/// and keeps a snapshot that all of the cohort share. None is kept while nothing was ever filled: one number says for whom.
/// ASSUMPTIONS: boundaries never fall and are above 0, nothing is filled before `fold`, less than 2^96 collateral units a loan unit.
/// LIVENESS: no step grows with the number of stakes. ROUNDING: down, against the stakes; what is left of all stakes never adds
/// up to more than the total, what they got never to more than came in.
library FillAccumulator {
  using FixedPointMathLib for uint256;
  using SafeCast for uint256;

  /// @notice Product of a fresh epoch.
  uint256 internal constant ONE = 1 << 127;
  uint256 internal constant SCALE_BITS = 32;
  uint256 internal constant MIN_PRODUCT = ONE >> SCALE_BITS;
  /// @dev Shares of a stake: `assets x 2^192 / product`, under 2^225.
  uint8 internal constant SHARE_BITS = 192;
  /// @dev Sums are collateral a share, x 2^224.
  uint8 internal constant SUM_BITS = 224;
  /// @dev Fewer shares than this are less than one loan unit at any product.
  uint256 internal constant MIN_SHARES = 1 << (SHARE_BITS - 127);

  /// @notice Where product and sum stood at one moment.
  /// @param product 0 where nothing was kept.
  struct Snapshot {
    uint128 product;
    uint32 epoch;
    uint32 scale;
    uint256 sum;
  }

  /// @notice All stakes together, in slots of what is written together: entries write the first one, the very first entry and fills
  /// the second one too.
  /// @param total Loan units that can be filled, those that leave at the next boundary included.
  /// @param pending Loan units that come in at the next boundary.
  /// @param cohort Boundary in whose interval entries and exits wait to be folded; 0 for none.
  /// @param product See above; 0 before the first entry, read as `ONE`.
  /// @param untouchedUntil Cohort up to which all were folded before anything was filled; 0 for none.
  /// @param leaves Whether any shares leave at the next boundary.
  /// @param leavingShares Those that do, at the current scale; nothing unless `leaves`.
  /// @param sums Collateral a share, by epoch and scale.
  /// @param snapshots State at the end of a boundary's interval, where a later cohort was folded.
  struct Pool {
    uint96 total;
    uint96 pending;
    uint32 cohort;
    uint128 product;
    uint32 epoch;
    uint32 scale;
    uint32 untouchedUntil;
    bool leaves;
    uint256 leavingShares;
    mapping(uint256 epoch => mapping(uint256 scale => uint256)) sums;
    mapping(uint256 boundary => Snapshot) snapshots;
  }

  /// @notice Let the cohort of an earlier boundary in and out.
  function fold(Pool storage pool, uint256 boundary) internal {
    uint32 cohort = pool.cohort;
    if (cohort == 0 || cohort == boundary) return;
    _keep(pool, cohort);
    uint96 total = _foldedTotal(pool).toUint96();
    pool.total = total;
    pool.pending = 0;
    pool.cohort = 0;
    if (pool.leaves) pool.leaves = false;
  }

  /// @dev Keeps the state for a cohort.
  function _keep(Pool storage pool, uint32 cohort) private {
    if (pool.epoch == 0 && pool.scale == 0 && _product(pool) == ONE) {
      pool.untouchedUntil = cohort;
      return;
    }
    Snapshot memory state = current(pool);
    Snapshot storage kept = pool.snapshots[cohort];
    kept.product = state.product;
    kept.epoch = state.epoch;
    kept.scale = state.scale;
    if (state.sum != 0) kept.sum = state.sum;
  }

  /// @notice Let a stake in at the next boundary. Folds first.
  function enter(Pool storage pool, uint256 assets, uint256 boundary) internal {
    fold(pool, boundary);
    uint256 total = pool.total;
    uint256 pending = pool.pending;
    if (total == 0 && pending == 0 && pool.product == 0) pool.product = uint128(ONE);
    // Total and pending together must fit too when they are folded.
    (total + pending + assets).toUint96();
    uint32 cohort = boundary.toUint32();
    pool.pending = uint96(pending + assets);
    pool.cohort = cohort;
  }

  /// @notice Take back a stake that has not come in yet. The pool is folded.
  function undoEntry(Pool storage pool, uint256 assets) internal {
    pool.pending = (uint256(pool.pending) - assets).toUint96();
  }

  /// @notice Let a stake out at the next boundary. The pool is folded.
  /// @param entered Boundary at whose end it came in.
  /// @return left What is left of it now, loan units; where that is 0 nothing happens.
  function exit(Pool storage pool, uint256 assets, uint256 entered, uint256 boundary) internal returns (uint256 left) {
    Snapshot memory state = current(pool);
    uint256 shares = _sharesAt(assets, stateAt(pool, entered), state);
    left = shares.fullMulDivN(state.product, SHARE_BITS);
    if (left == 0) return 0;
    pool.leavingShares = pool.leaves ? pool.leavingShares + shares : shares;
    pool.leaves = true;
    pool.cohort = boundary.toUint32();
  }

  /// @notice Turn loan assets of all stakes, pro rata, into collateral. The pool is folded.
  /// @param amount Loan units, above 0, at most the total.
  /// @param collateral Collateral units that they are turned into.
  function fill(Pool storage pool, uint256 amount, uint256 collateral) internal {
    Snapshot memory state = current(pool);
    uint256 total = pool.total;
    uint256 left = total - amount;
    pool.sums[state.epoch][state.scale] =
      state.sum + (uint256(state.product) << (SUM_BITS - SHARE_BITS)).fullMulDiv(collateral, total);
    pool.total = left.toUint96();
    if (left == 0) {
      pool.product = uint128(ONE);
      pool.epoch = state.epoch + 1;
      pool.scale = 0;
      pool.leaves = false;
      return;
    }
    // At most 3 shifts: totals are under 2^96, so that 2^95 x 2^96 x left / total is 2^95 at least.
    uint256 shifted = state.product;
    uint256 product = shifted.fullMulDiv(left, total);
    uint256 shifts;
    while (product < MIN_PRODUCT) {
      ++shifts;
      shifted <<= SCALE_BITS;
      product = shifted.fullMulDiv(left, total);
    }
    pool.product = product.toUint128();
    if (shifts == 0) return;
    pool.scale = (state.scale + shifts).toUint32();
    if (pool.leaves) pool.leavingShares >>= SCALE_BITS * shifts;
  }

  // --------------------------------------------------------------------------------------------------------------- views

  /// @notice Loan units that can be filled at this boundary.
  function totalAt(Pool storage pool, uint256 boundary) internal view returns (uint256) {
    uint256 cohort = pool.cohort;
    if (cohort == 0 || cohort == boundary) return pool.total;
    return _foldedTotal(pool);
  }

  /// @notice Loan units that come in at the next boundary.
  function pendingAt(Pool storage pool, uint256 boundary) internal view returns (uint256) {
    return pool.cohort == boundary ? pool.pending : 0;
  }

  /// @notice Product and sum now.
  function current(Pool storage pool) internal view returns (Snapshot memory state) {
    state.product = _product(pool);
    state.epoch = pool.epoch;
    state.scale = pool.scale;
    state.sum = pool.sums[state.epoch][state.scale];
  }

  /// @notice Product and sum at the end of a boundary's interval in which something came in or left: as kept, or as now
  /// where that cohort is not folded yet.
  function stateAt(Pool storage pool, uint256 boundary) internal view returns (Snapshot memory state) {
    if (boundary <= pool.untouchedUntil) return Snapshot(uint128(ONE), 0, 0, 0);
    state = pool.snapshots[boundary];
    if (state.product == 0) return current(pool);
  }

  /// @notice What is left of a stake that was in from `entry` to `out`, loan units, and what it got, collateral units.
  function position(
    Pool storage pool,
    uint256 assets,
    Snapshot memory entry,
    Snapshot memory out
  ) internal view returns (uint256 left, uint256 collateral) {
    uint256 shares = _shares(assets, entry);
    if (entry.epoch == out.epoch) {
      left = (shares >> (SCALE_BITS * (out.scale - entry.scale))).fullMulDivN(out.product, SHARE_BITS);
    }
    uint256 before = entry.sum;
    uint256 scale = entry.scale;
    while (entry.epoch != out.epoch || scale < out.scale) {
      collateral += shares.fullMulDivN(pool.sums[entry.epoch][scale] - before, SUM_BITS);
      before = 0;
      ++scale;
      shares >>= SCALE_BITS;
      if (shares < MIN_SHARES) return (left, collateral);
    }
    collateral += shares.fullMulDivN(out.sum - before, SUM_BITS);
  }

  function _product(Pool storage pool) private view returns (uint128) {
    uint128 product = pool.product;
    return product == 0 ? uint128(ONE) : product;
  }

  /// @dev The total once the cohort is in and out.
  function _foldedTotal(Pool storage pool) private view returns (uint256 total) {
    total = uint256(pool.total) + pool.pending;
    if (pool.leaves) total -= pool.leavingShares.fullMulDivN(_product(pool), SHARE_BITS);
  }

  /// @dev Shares at the scale of the entry.
  function _shares(uint256 assets, Snapshot memory entry) private pure returns (uint256) {
    return assets.fullMulDiv(1 << SHARE_BITS, entry.product);
  }

  /// @dev Shares at the scale of a later state; 0 once the epoch has ended.
  function _sharesAt(uint256 assets, Snapshot memory entry, Snapshot memory state) private pure returns (uint256) {
    if (entry.epoch != state.epoch) return 0;
    return _shares(assets, entry) >> (SCALE_BITS * (state.scale - entry.scale));
  }
}
