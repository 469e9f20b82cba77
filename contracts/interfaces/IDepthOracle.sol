// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Depth, DepthConfig, WindowRecord} from "../types/Depth.sol";
import {IParameters} from "./IParameters.sol";

/// @title IDepthOracle
/// @notice How much of a collateral asset Uniswap v3 pools take, from what they remember themselves. Time is cut into fixed windows,
/// and each pool's window has one harmonic-mean liquidity and one mean price, whoever asks for it when: what comes and goes
/// within a block has no weight, what stays for a part of a window hardly any, and what leaves is missed at once. The
/// depth is that of the worst of the last windows, all pools of the pair together: liquidity that moves between the pools is
/// not lost, and a pool that is disturbed in one window and another in the next do not add up. Where a look found less liquidity
/// under the price than at it, the window counts as an even pool that pays as much until its price has fallen by 2%.
interface IDepthOracle is IParameters {
  /// @notice A pair's pools and windows were set; it is measured afresh.
  event PairSet(address indexed collateralAsset, address indexed loanAsset, DepthConfig config);
  /// @notice A pool's window was measured.
  event WindowMeasured(address indexed pool, uint256 window, uint256 liquidity, int24 tick);
  /// @notice The pair's depth was summed up. `isFull`: no window of any pool is missing.
  event DepthMeasured(
    address indexed collateralAsset,
    address indexed loanAsset,
    uint256 reserve,
    uint256 updatedAt,
    bool isFull
  );

  /// @notice No pools were set for the pair.
  error UnknownPair(address collateralAsset, address loanAsset);
  /// @notice The pool is not the factory's for this pair, or is listed twice.
  error InvalidPool(address pool);
  /// @notice A price falls by at most 10,000 bps.
  error InvalidImpact(uint256 impactBps);

  /// @notice Set a pair's pools and windows; what was measured before is dropped. Restricted (governor). Ranges: window five
  /// minutes to a day, 2 to 24 windows, 1 to 512 ticks, 1 to 8 pools. The pools should keep observations over all windows;
  /// over less than two of them they are never measured whole.
  function setPair(address collateralAsset, address loanAsset, DepthConfig calldata newConfig) external;

  /// @notice Measure every window of the last ones that is over and was not measured yet, as far back as the pools remember, and
  /// look at the liquidity under the price. Open to all. A window's mean is the same for every caller; of all looks that
  /// fall on one window the lowest counts. A pool that does not look back far enough counts as empty in that window, and makes
  /// the depth incomplete.
  function poke(address collateralAsset, address loanAsset) external;

  /// @notice Depth as it was at the last poke. Nothing of a pool at which nobody could look in any of the last windows.
  /// Rounded down.
  function depth(address collateralAsset, address loanAsset) external view returns (Depth memory);

  /// @notice What the pools pay for collateral until their price has fallen from each window's mean by `impactBps`, in the worst
  /// window. Counted in steps that end 8, 16, 32, ..., 1,024 ticks under the price (0.08% to 9.7%): in each no more liquidity
  /// than the window's mean, and no more than the least that any look of the last windows found anywhere in the step. Beyond
  /// the last step, and in a pool that nobody could look at, is nothing. As old as `depth` is.
  /// @return amount Loan units that the pools pay until their price has fallen by `impactBps`; rounded down.
  function sellable(
    address collateralAsset,
    address loanAsset,
    uint256 impactBps
  ) external view returns (uint256 amount);

  /// @notice A pair's pools and windows; nothing where none were set.
  function configOf(address collateralAsset, address loanAsset) external view returns (DepthConfig memory);

  /// @notice What was measured of a pool of a pair in one window; 0 where nothing was, or where it is older than the last ones.
  function recordOf(
    address collateralAsset,
    address loanAsset,
    address pool,
    uint256 window
  ) external view returns (WindowRecord memory);
}
