// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Assessment, Recommendation, RiskInputs} from "../types/SaleRisk.sol";

/// @title ISalePolicy
/// @notice Which way of selling a position's lot is expected to lose least, term by term: loss of the mechanism, waiting, gas, and
/// what the fall of the price forces others to sell. Formulas F1, F2, F4, F5, F6, F10 and F14. The market's figures are set
/// per vault, everything else is read from the vault as it stands. It moves nothing.
interface ISalePolicy {
  /// @notice What a vault's market is like was set.
  event InputsSet(address indexed vault, RiskInputs inputs);

  /// @notice Nothing was set for this vault.
  error NotConfigured(address vault);
  /// @notice An input is outside of its range.
  error InvalidInput(bytes32 name, uint256 value);
  /// @notice The position is healthy or empty. Where a sale has lapsed or is paused, the vault's own error comes back.
  error NothingForSale(address vault, address borrower);

  /// @notice A split is accepted if it is expected to lose at most this much more than the best single mechanism, WAD.
  // solhint-disable-next-line func-name-mixedcase
  function TOLERANCE() external view returns (uint256);

  /// @notice Set what a vault's market is like. Restricted (governor). Ranges: volatility 1e-6 to 0.05 per sqrt(second), depth
  /// above 0, `fee`, `priceMargin` and `backstopMargin` at most 5%, `keeperMargin` and `forcedLoss` at most 20%, `bidSpread`
  /// 0.01% to 50%, `cascade` at most 1, gas at most 10 million, `bidArrival` at most 1 lot a second, block time 50 ms to 60 s, batch
  /// interval 1 s to a day, feed delay at most a day.
  function setInputs(address vault, RiskInputs calldata newInputs) external;

  /// @notice What was set for a vault; all 0 where nothing was.
  function inputs(address vault) external view returns (RiskInputs memory);

  /// @notice Every way of selling what may be closed of a position now, and the best. The sale need not have started.
  function recommend(address vault, address borrower) external view returns (Recommendation memory);

  /// @notice What leaving the lot to the Dutch clock is expected to lose in all, WAD share of its value. Where the price never
  /// falls to what takers want: as if the most it falls to were paid at the end of the horizon.
  function costOfWaiting(address vault, address borrower) external view returns (uint256);

  /// @notice A split of the lot over the mechanisms, WAD shares in the order of `Mechanism` that add up to 1e18. The direct part
  /// comes first; the rest waits on a position that is smaller by it.
  /// @return assessment `time` is the mean over the parts; feasible if each part with a share is.
  function evaluate(
    address vault,
    address borrower,
    uint256[4] calldata shares
  ) external view returns (Assessment memory assessment);

  /// @notice Whether a split is feasible and expected to lose at most `TOLERANCE` more than the best single mechanism.
  function isAcceptable(address vault, address borrower, uint256[4] calldata shares) external view returns (bool);
}
