// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchClearing} from "../libraries/BatchClearing.sol";
import {FillAccumulator} from "../libraries/FillAccumulator.sol";
import {BID_TICKS} from "../types/BidBook.sol";

/// @title BatchHarness
/// @notice The batch auction's libraries, callable: clearings over lists, and one pool of stakes. Never deployed outside a local
/// chain.
contract BatchHarness {
  using FillAccumulator for FillAccumulator.Pool;

  FillAccumulator.Pool private _pool;

  /// @notice `BatchClearing.clear` of each batch with the demand of the same index.
  function clearings(
    BatchClearing.Batch[] calldata batches,
    uint256[BID_TICKS][] calldata demands
  ) external pure returns (BatchClearing.Clearing[] memory results) {
    results = new BatchClearing.Clearing[](batches.length);
    for (uint256 i = 0; i < batches.length; ++i) results[i] = BatchClearing.clear(batches[i], demands[i]);
  }

  /// @notice `BatchClearing.split` of each.
  function splits(
    uint256[BID_TICKS][] calldata demands,
    uint256[] calldata payments
  ) external pure returns (uint256[BID_TICKS][] memory results) {
    results = new uint256[BID_TICKS][](demands.length);
    for (uint256 i = 0; i < demands.length; ++i) results[i] = BatchClearing.split(demands[i], payments[i]);
  }

  /// @notice Let a stake in at the next boundary.
  function enter(uint256 assets, uint256 boundary) external {
    _pool.enter(assets, boundary);
  }

  /// @notice Take back a stake that has not come in yet.
  function undoEntry(uint256 assets, uint256 boundary) external {
    _pool.fold(boundary);
    _pool.undoEntry(assets);
  }

  /// @notice Let a stake out at the next boundary.
  function exit(uint256 assets, uint256 entered, uint256 boundary) external returns (uint256) {
    _pool.fold(boundary);
    return _pool.exit(assets, entered, boundary);
  }

  /// @notice Fill all stakes pro rata.
  function fill(uint256 amount, uint256 collateral, uint256 boundary) external {
    _pool.fold(boundary);
    _pool.fill(amount, collateral);
  }

  /// @notice Loan units that can be filled, those that come in next, and product, epoch and scale.
  function state(
    uint256 boundary
  ) external view returns (uint256 total, uint256 pending, uint256 product, uint256 epoch, uint256 scale) {
    FillAccumulator.Snapshot memory now_ = _pool.current();
    return (_pool.totalAt(boundary), _pool.pendingAt(boundary), now_.product, now_.epoch, now_.scale);
  }

  /// @notice What is left of a stake and what it got.
  /// @param exited Boundary at whose end it went out; 0 for not.
  function position(
    uint256 assets,
    uint256 entered,
    uint256 exited
  ) external view returns (uint256 left, uint256 collateral) {
    FillAccumulator.Snapshot memory out = exited == 0 ? _pool.current() : _pool.stateAt(exited);
    return _pool.position(assets, _pool.stateAt(entered), out);
  }
}
