// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAavePool} from "../../interfaces/external/IAavePool.sol";
import {IStressSource} from "../../interfaces/IStressSource.sol";
import {IAaveReserveSource} from "../../interfaces/sources/IAaveReserveSource.sol";
import {StressMath} from "../../libraries/StressMath.sol";

/// @title AaveReserveSource
/// @dev Reads the pool, whose address outlives upgrades, and not the data provider, which is replaced with each; and of it only
/// what is alike in all of v3: tokens once, at construction, then the bitmap, total supplies of debt, and the virtual balance
/// (v3.1 on) or else the balance of the aToken (v3.0).
/// ASSUMPTIONS: the asset is supplied by lenders, not minted by the pool (GHO has no liquidity of its own); a reserve that is
/// being phased out, and therefore frozen, is not listed. Utilisation is that of the moment: whoever borrows or supplies much
/// for one transaction moves it at will, so it is listed behind a `DampedSource`. Under v3.0 a donation to the aToken hides
/// stress. Aave's governance and guardian set the flags.
/// LIVENESS: a reserve that is not active says nothing. ROUNDING: up.
contract AaveReserveSource is IAaveReserveSource {
  uint256 private constant _ACTIVE = 1 << 56;
  uint256 private constant _FROZEN = 1 << 57;
  uint256 private constant _PAUSED = 1 << 60;

  /// @inheritdoc IAaveReserveSource
  address public immutable pool;
  /// @inheritdoc IAaveReserveSource
  address public immutable asset;
  /// @inheritdoc IAaveReserveSource
  uint256 public immutable kink;
  /// @inheritdoc IAaveReserveSource
  uint256 public immutable floor;

  address private immutable _aToken;
  address private immutable _variableDebt;
  /// @dev Zero from v3.2 on, where the reserve was listed without.
  address private immutable _stableDebt;

  constructor(address pool_, address asset_, uint256 kink_, uint256 floor_) {
    if (kink_ == 0 || kink_ >= StressMath.WAD) revert InvalidParameter("kink", kink_);
    IAavePool.ReserveData memory reserve = IAavePool(pool_).getReserveData(asset_);
    if (reserve.aTokenAddress == address(0)) revert NoReading(asset_);
    pool = pool_;
    asset = asset_;
    kink = kink_;
    floor = floor_;
    _aToken = reserve.aTokenAddress;
    _variableDebt = reserve.variableDebtTokenAddress;
    _stableDebt = reserve.stableDebtTokenAddress;
  }

  /// @inheritdoc IStressSource
  function stress() external view returns (uint256 level, uint256 updatedAt) {
    uint256 configuration = IAavePool(pool).getConfiguration(asset);
    if (configuration & _ACTIVE == 0) revert NoReading(asset);
    if (configuration & (_FROZEN | _PAUSED) != 0) return (StressMath.WAD, block.timestamp);
    uint256 available = _available();
    uint256 debt = IERC20(_variableDebt).totalSupply();
    if (_stableDebt != address(0)) debt += IERC20(_stableDebt).totalSupply();
    uint256 overKink = StressMath.between(StressMath.share(debt, debt + available), kink, StressMath.WAD);
    uint256 shortage = StressMath.share(Math.saturatingSub(floor, available), floor);
    return (Math.max(overKink, shortage), block.timestamp);
  }

  function _available() private view returns (uint256) {
    try IAavePool(pool).getVirtualUnderlyingBalance(asset) returns (uint128 balance) {
      return balance;
    } catch {
      return IERC20(asset).balanceOf(_aToken);
    }
  }
}
