// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Bounds, Dial, Market, Parameter, Reason, StewardConfig, StewardState} from "../types/Steward.sol";
import {IParameters} from "./IParameters.sol";

/// @title IRiskSteward
/// @notice Turns volatility, depth and contagion into a vault's parameters: tightens by bounded steps, loosens after a calm that held,
/// and aims nowhere outside of the governor's envelope. What the governor itself has put outside walks back by the same steps, and
/// caps stay under what the guardian has tightened them to. It moves limits, terms of new sales and, announced, `liquidationLtv`; it
/// reaches no token and no position. At constant price and debt nobody's position becomes unhealthy by it before a notice of a day
/// at least has run, and no change is larger or sooner than its bounds say (law RISK-1). Looks at chosen moments, however many,
/// beside an honest one every hour leave no parameter with delays of whole hours more than a step tighter than the honest
/// ones alone (law RISK-2), in a market whose turns last longer than an hour.
/// @dev It can write only what the AccessManager lets it write: `setTerms`, `setBorrowLtv`, `rampLiquidationLtv`, `setCaps` and
/// `setStressDepth` of a vault, `setInputs` of the sale policy.
interface IRiskSteward is IParameters {
  /// @notice The governor set the base values and bounds of a vault.
  event Configured(address indexed vault, StewardConfig config, Bounds[14] bounds);
  /// @notice A parameter was moved, on these inputs. Of `liquidationLtv`: its ramp was started.
  event ParameterMoved(
    address indexed vault,
    Parameter indexed parameter,
    uint256 oldValue,
    uint256 newValue,
    Reason reason,
    Market market
  );
  /// @notice `liquidationLtv` is to be lowered to `toBps` at most, on a ramp that starts at `startsAt`, unix seconds, at the
  /// earliest.
  event LiquidationLtvAnnounced(address indexed vault, uint256 fromBps, uint256 toBps, uint256 startsAt, Market market);
  /// @notice The market is calm again when the announced ramp was due: there will be none.
  event AnnouncementWithdrawn(address indexed vault, uint256 toBps, Market market);
  /// @notice The guardian stopped what was announced, or the ramp that the steward had started: `liquidationLtv` stays here.
  event Vetoed(address indexed vault, uint256 liquidationLtvBps);
  /// @notice The steward was frozen, or set free again.
  event FrozenSet(bool isFrozen);

  /// @notice The guardian has frozen the steward.
  error Frozen();
  /// @notice Bounds are outside of what the vault admits, upside down, without a step, or loosen sooner than they tighten.
  error InvalidEnvelope(Parameter parameter, Bounds bounds);
  /// @notice Nothing is announced, and no ramp of the steward's is under way.
  error NothingToVeto(address vault);

  /// @notice `IVolatilityOracle`.
  function volatilityOracle() external view returns (address);

  /// @notice `IDepthOracle`.
  function depthOracle() external view returns (address);

  /// @notice `IContagionMonitor`.
  function contagionMonitor() external view returns (address);

  /// @notice `ISalePolicy` whose volatility and depth follow.
  function policy() external view returns (address);

  /// @notice Set the base values and the bounds of a vault, in the order of `Parameter`. Restricted (governor). What was
  /// announced stays announced; calms start anew.
  function configure(address vault, StewardConfig calldata config_, Bounds[14] calldata bounds) external;

  /// @notice Look at the market and move what may be moved. Open to all. Where nothing may be moved it only remembers that it
  /// looked, and since when the market has been calm.
  /// @dev Requirements: not frozen (`Frozen`); the vault is configured (`ISalePolicy.NotConfigured`); gas for each input (`GasGuard`).
  /// Emits `ParameterMoved` for each parameter that moves, and `LiquidationLtvAnnounced` or `AnnouncementWithdrawn` where they apply.
  /// @param vault Vault whose parameters follow the market.
  /// @return moved One bit for each `Parameter` that was moved.
  function applyTo(address vault) external returns (uint256 moved);

  /// @notice Stop the announced ramp of `liquidationLtv`, or the steward's own that is under way, where it is. Restricted
  /// (guardian). The next announcement has to wait as after a change.
  function veto(address vault) external;

  /// @notice Stop all applications. Restricted (guardian).
  function freeze() external;

  /// @notice Let applications go on. Restricted (governor).
  function unfreeze() external;

  /// @notice Whether applications are stopped.
  function isFrozen() external view returns (bool);

  /// @notice Base values of a vault; all 0 where nothing is configured.
  function config(address vault) external view returns (StewardConfig memory);

  /// @notice Bounds of one parameter and its past.
  function dial(address vault, Parameter parameter) external view returns (Dial memory);

  /// @notice What is remembered of a vault.
  function state(address vault) external view returns (StewardState memory);

  /// @notice What `applyTo` would do now, in the order of `Parameter`.
  /// @return market The inputs as they count.
  /// @return current What is.
  /// @return wanted What the market asks for.
  /// @return next What `applyTo` would leave: ramps and their announcement apart.
  function preview(
    address vault
  )
    external
    view
    returns (Market memory market, uint256[14] memory current, uint256[14] memory wanted, uint256[14] memory next);
}
