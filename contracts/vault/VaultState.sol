// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {Params, ParamsPacking} from "../types/Params.sol";
import {Position, PositionPacking} from "../types/Position.sol";
import {SaleTerms, SaleTermsPacking} from "../types/SaleTerms.sol";
import {Totals, TotalsPacking} from "../types/Totals.sol";

/// @title VaultState
/// @notice What a vault stores, and the way between packed slots and memory. First base of both `Vault` and `VaultAdmin`, so
/// that the admin's code, run by the vault, finds everything in its place.
abstract contract VaultState is AccessManaged, ReentrancyGuardTransient {
  uint256 internal constant BPS = 10_000;

  uint256 internal _totalsSlot0;
  uint256 internal _totalsSlot1;
  uint256 internal _paramsSlot;
  mapping(address borrower => uint256) private _positionSlots;
  mapping(uint256 termsId => uint256) private _termsSlots;
  mapping(address owner => mapping(address operator => bool)) internal _operators;
  /// @dev Marks in scaled units: they grow with the debt they stand for.
  mapping(address borrower => uint256) internal _scaledMarks;
  uint256 internal _totalScaledMarks;

  uint128 internal _supplyCap;
  uint128 internal _stressDepth;
  uint128 internal _borrowCap;
  uint128 internal _maxPositionDebt;

  // --------------------------------------------------------------------------------------------------- slots and memory

  function _loadTotals() internal view returns (Totals memory totals_) {
    TotalsPacking.unpack(totals_, _totalsSlot0, _totalsSlot1);
  }

  function _storeTotals(Totals memory totals_) internal {
    (_totalsSlot0, _totalsSlot1) = TotalsPacking.pack(totals_);
  }

  function _loadParams() internal view returns (Params memory params_) {
    ParamsPacking.unpack(params_, _paramsSlot);
  }

  function _storeParams(Params memory params_) internal {
    _paramsSlot = ParamsPacking.pack(params_);
  }

  function _loadPosition(address borrower) internal view returns (Position memory position_) {
    PositionPacking.unpack(position_, _positionSlots[borrower]);
  }

  function _storePosition(address borrower, Position memory position_) internal {
    _positionSlots[borrower] = PositionPacking.pack(position_);
  }

  function _loadTerms(uint256 termsId) internal view returns (SaleTerms memory terms_) {
    _readTerms(terms_, termsId);
  }

  function _readTerms(SaleTerms memory terms_, uint256 termsId) internal view {
    SaleTermsPacking.unpack(terms_, _termsSlots[termsId]);
  }

  function _storeTerms(uint256 termsId, SaleTerms memory terms_) internal {
    _termsSlots[termsId] = SaleTermsPacking.pack(terms_);
  }

  // ------------------------------------------------------------------------------------------------------ parameters

  function _isPaused(uint256 actions) internal view returns (bool) {
    return ParamsPacking.pausedActions(_paramsSlot) & actions != 0;
  }

  function _requireUnpaused(uint256 actions) internal view {
    if (_isPaused(actions)) revert IVaultSales.ActionPaused(actions);
  }
}
