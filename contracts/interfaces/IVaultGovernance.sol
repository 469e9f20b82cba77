// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Params} from "../types/Params.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {RewardConfig, VaultConfig} from "../types/VaultConfig.sol";
import {IParameters} from "./IParameters.sol";

/// @title IVaultGovernance
/// @notice Bounded powers over a vault. None of them can take a user's tokens, change the terms of a live sale, or stop
/// repaying, adding collateral and lenders' exit. Who may call what is the AccessManager's business.
interface IVaultGovernance is IAccessManaged, IParameters {
  /// @notice A new version of the terms; new sales get it.
  event TermsSet(uint256 indexed termsId, SaleTerms terms);
  /// @notice A new most LTV at borrowing, bps.
  event BorrowLtvSet(uint256 borrowLtvBps);
  /// @notice `liquidationLtv` moves linearly between the two, bps, over the time given, unix seconds.
  event LiquidationLtvRamped(uint256 fromBps, uint256 toBps, uint256 start, uint256 end);
  /// @notice New caps, loan units.
  event CapsSet(uint256 supplyCap, uint256 borrowCap, uint256 maxPositionDebt);
  /// @notice New share of interest for the reserve, bps.
  event ReserveFactorSet(uint256 reserveFactorBps);
  /// @notice New bounds of the starter's reward.
  event RewardConfigSet(RewardConfig config);
  /// @notice New depth after the stress haircut, loan units.
  event StressDepthSet(uint256 stressDepth);
  /// @notice New set of paused actions, bits of `PauseBits`.
  event PausedActionsSet(uint256 pausedActions);
  /// @notice These actions, bits of `PauseBits`, are paused until then, unix seconds.
  event PauseEndsAt(uint256 actions, uint256 end);
  /// @notice Borrowing is off for good.
  event WoundDown();
  /// @notice Part of the reserve was paid out, loan units.
  event ReserveClaimed(address indexed receiver, uint256 assets);

  /// @notice Swept collateral was paid out, collateral units.
  event SweptCollateralClaimed(address indexed receiver, uint256 assets);

  /// @notice Only a vault under construction sets itself up.
  error AlreadySetUp();
  /// @notice `borrowLtv` leaves less than one oracle step to `liquidationLtv`, bps.
  error LtvGapTooSmall(uint256 borrowLtvBps, uint256 liquidationLtvBps, uint256 maxOracleStepBps);
  /// @notice `liquidationLtv x (1 + penalty) x (1 + 2c/Y) >= 1 - maxDiscount`, WAD: sales could make positions worse.
  error TermsToxic(uint256 left, uint256 right);
  /// @notice The pause of all of these has ended by itself, and the governor has lifted or renewed none since.
  error PauseSpent(uint256 actions);
  /// @notice Caps can only be lowered here.
  error CapsNotTighter();
  /// @notice More than the reserve (or the cash) has, loan units.
  error ReserveTooSmall(uint256 asked, uint256 available);

  /// @notice First configuration; runs in the vault's constructor and never again.
  function setUp(VaultConfig calldata config) external;

  /// @notice Add a version of the terms for new sales. Restricted.
  /// @return termsId Its number.
  function setTerms(SaleTerms calldata terms) external returns (uint256 termsId);

  /// @notice Set the most LTV at borrowing, bps. A raise counts from an hour after it on, so that no loan comes out of the block of
  /// a raise. Restricted.
  function setBorrowLtv(uint256 newBorrowLtvBps) external;

  /// @notice Move `liquidationLtv` linearly to `toBps` over `duration` seconds, from where it is, rounded up. Lowering takes a day at
  /// least and goes by at most 200 bps a day, however ramps are set, stopped and set again. To where it is now: it stays there.
  /// Restricted.
  function rampLiquidationLtv(uint256 toBps, uint256 duration) external;

  /// @notice Set the caps, loan units. One that is set above its ceiling has none any more. Restricted.
  function setCaps(uint256 supplyCap, uint256 borrowCap, uint256 maxPositionDebt) external;

  /// @notice Lower caps at once, loan units. Borrow cap and largest position become ceilings, also where they stay the same: a
  /// steward takes them no higher, until `setCaps` goes above. Restricted (guardian too).
  function tightenCaps(uint256 supplyCap, uint256 borrowCap, uint256 maxPositionDebt) external;

  /// @notice Set the reserve's share of interest, bps, at most 5,000. Restricted.
  function setReserveFactor(uint256 reserveFactorBps) external;

  /// @notice Bound the starter's reward. Restricted.
  function setRewardConfig(RewardConfig calldata config) external;

  /// @notice Set the depth Y after the stress haircut, loan units. Restricted.
  function setStressDepth(uint256 stressDepth) external;

  /// @notice Pause actions at once, for seven days. Restricted (guardian too). Works in every state. One that is paused already is
  /// left as it is; one whose pause has ended by itself can be paused again only by `renewPause`, or after `unpause`.
  /// @param actions Bits of `PauseBits` to add.
  function pause(uint256 actions) external;

  /// @notice Pause actions for seven days from now, whatever pause of theirs runs or has ended. Restricted (governor).
  /// @param actions Bits of `PauseBits` to add or to renew.
  function renewPause(uint256 actions) external;

  /// @notice Unpause actions, so that they can be paused anew. Restricted. The end of a pause of sales, by this or by itself,
  /// restarts their clocks.
  /// @param actions Bits of `PauseBits` to remove.
  function unpause(uint256 actions) external;

  /// @notice Turn borrowing off for good; everything else stays open. Restricted.
  function windDown() external;

  /// @notice Pay out part of the reserve. Restricted.
  /// @param assets Loan units, at most the reserve and the cash.
  function claimReserve(address receiver, uint256 assets) external;

  /// @notice Pay out the collateral that was swept to the reserve: what the vault's own position holds. Restricted.
  /// @return assets Collateral units.
  function claimSweptCollateral(address receiver) external returns (uint256 assets);

  /// @notice Parameters as they count now: pauses that have ended are none.
  function params() external view returns (Params memory);

  /// @notice Most LTV at borrowing now, bps: that of the parameters, or until an hour after its last raise the lower one that counted
  /// before.
  function borrowLtvBps() external view returns (uint256);

  /// @notice `liquidationLtv` now, on its ramp, bps.
  function liquidationLtvBps() external view returns (uint256);

  /// @notice A version of the terms.
  function terms(uint256 termsId) external view returns (SaleTerms memory);

  /// @notice End of the last pause of each action, in the order of `PauseBits`, unix seconds; 0 where none was since the last
  /// `unpause`.
  function pauseEnds() external view returns (uint256[5] memory);

  /// @notice Caps, loan units.
  function caps() external view returns (uint256 supplyCap, uint256 borrowCap, uint256 maxPositionDebt);

  /// @notice What `tightenCaps` has left as most of two caps, loan units; the largest number where `setCaps` went above since, and
  /// from the start.
  function capCeilings() external view returns (uint256 borrowCap, uint256 maxPositionDebt);

  /// @notice Quote-side depth Y after the stress haircut, loan units.
  function stressDepth() external view returns (uint256);

  /// @notice Bounds of the starter's reward.
  function rewardConfig() external view returns (RewardConfig memory);
}
