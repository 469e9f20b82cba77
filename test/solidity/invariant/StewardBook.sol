// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IRiskSteward} from "../../../contracts/interfaces/IRiskSteward.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {Params} from "../../../contracts/types/Params.sol";
import {Dial, Market, Parameter, StewardState} from "../../../contracts/types/Steward.sol";
import {Laws} from "./Laws.sol";

/// @notice RISK-1, and of RISK-2 what a calm is, as they are checked in every application, from a book of its own: announcements,
/// changes and calms.
abstract contract StewardBook is Laws {
  uint256 internal constant _COUNT = 14;

  IRiskSteward public immutable steward;
  IVault private immutable _vault;

  mapping(bytes32 what => uint256) public counts;
  mapping(uint256 parameter => uint256) public tightened;
  mapping(uint256 parameter => uint256) public loosened;

  /// @dev Lowest that a ramp after its notice may bring `liquidationLtv` to.
  uint256 internal _rampTo = type(uint256).max;
  mapping(uint256 parameter => uint256) private _changedAt;
  mapping(uint256 parameter => uint256) private _calmFrom;
  mapping(uint256 parameter => bool) private _isLoosened;
  /// @dev What a parameter was tightened by since its changes began to follow each other within the delay, in steps of their
  /// time, WAD.
  mapping(uint256 parameter => uint256) private _run;
  /// @dev Of the last look with all inputs there.
  uint256 private _observedAt;
  uint256 private _announcedAt;
  uint256 private _announcedTo;

  constructor(IRiskSteward steward_, IVault vault_) {
    steward = steward_;
    _vault = vault_;
  }

  /// @return Whether it was applied.
  function _apply(address caller) internal returns (bool) {
    if (steward.isFrozen()) {
      _expectFrozen();
      return false;
    }
    (Market memory market, uint256[14] memory before, uint256[14] memory wanted, ) = steward.preview(address(_vault));
    Params memory paramsBefore = _vault.params();
    _VM.prank(caller);
    try steward.applyTo(address(_vault)) {
      ++counts["applied"];
    } catch {
      _violated("RISK-1 an application reverts");
      return false;
    }
    (, uint256[14] memory current, , ) = steward.preview(address(_vault));
    _takeCalm(market);
    for (uint256 i = 0; i < _COUNT; ++i) _checkMove(i, before[i], current[i], wanted[i], market);
    _checkRamp(before[0], paramsBefore);
    return true;
  }

  /// @dev As the guardian.
  function _veto() internal {
    try steward.veto(address(_vault)) {
      ++counts["vetoed"];
      _announcedAt = 0;
      _changedAt[0] = block.timestamp;
    } catch {
      ++counts["nothing to veto"];
    }
  }

  function _expectFrozen() private {
    try steward.applyTo(address(_vault)) {
      _violated("RISK-1 frozen");
    } catch {
      ++counts["frozen"];
    }
  }

  /// @dev RISK-2: time that no complete look vouches for is no calm, and a look with an input missing neither ends one nor adds to it.
  function _takeCalm(Market memory market) private {
    if (!_isComplete(market)) return;
    uint256 unseen = block.timestamp - _observedAt;
    if (unseen > steward.config(address(_vault)).maxGap) {
      for (uint256 i = 0; i < _COUNT; ++i) {
        if (_calmFrom[i] == 0) continue;
        uint256 later = _calmFrom[i] + unseen;
        _calmFrom[i] = later < block.timestamp ? later : block.timestamp;
      }
    }
    _observedAt = block.timestamp;
  }

  function _isComplete(Market memory market) private pure returns (bool) {
    return market.hasVolatility && market.hasDepth && market.hasStress && market.hasPrice;
  }

  /// @dev No change is larger or sooner than its bounds; nothing loosens but in a calm that held.
  function _checkMove(uint256 i, uint256 before, uint256 current, uint256 wanted, Market memory market) private {
    Dial memory dial = steward.dial(address(_vault), Parameter(i));
    bool mayLoosen = _isComplete(market);
    bool isLooser = wanted != before && !_isTighter(i, before, wanted);
    if (!isLooser) _calmFrom[i] = 0;
    else if (mayLoosen && _calmFrom[i] == 0) _calmFrom[i] = block.timestamp;
    if (current == before) return;
    bool isTightening = _isTighter(i, before, current);
    if (isTightening) ++tightened[i];
    else ++loosened[i];
    if (_distance(before, current) > (isTightening ? dial.tightStep : dial.looseStep)) _violated("RISK-1 step");
    // A storm does not wait for what a calm has loosened.
    uint256 delay = isTightening ? (_isLoosened[i] ? 0 : dial.tightDelay) : dial.looseDelay;
    bool isFollowing = _changedAt[i] != 0 && block.timestamp < _changedAt[i] + delay;
    if (isTightening) _checkRun(i, _distance(before, current), isFollowing, dial.tightStep);
    else if (isFollowing) _violated("RISK-1 delay");
    if (!isTightening && !mayLoosen) _violated("RISK-1 loosened on missing inputs");
    if (!isTightening && (_calmFrom[i] == 0 || block.timestamp < _calmFrom[i] + dial.looseDelay)) {
      _violated("RISK-1 loosened without a calm");
    }
    if (isTightening != _isTighter(i, before, wanted)) _violated("RISK-1 away from its target");
    _changedAt[i] = block.timestamp;
    _isLoosened[i] = !isTightening;
  }

  /// @dev However many changes tighten a parameter within its delay, they come to one step together.
  function _checkRun(uint256 i, uint256 amount, bool isFollowing, uint256 step_) private {
    if (isFollowing) ++counts["followed"];
    if (isFollowing && i == 0) _violated("RISK-1 delay");
    _run[i] = (isFollowing ? _run[i] : 0) + (amount * 1e18) / step_;
    if (_run[i] > 1e18) _violated("RISK-1 steps within a delay");
  }

  function _isTighter(uint256 i, uint256 from, uint256 to) private pure returns (bool) {
    bool isAbove = i == 3 || i == 4 || i == 8 || i == 12;
    return isAbove ? to > from : to < from;
  }

  function _distance(uint256 from, uint256 to) private pure returns (uint256) {
    return from > to ? from - to : to - from;
  }

  /// @dev A lower `liquidationLtv` was announced a day before its ramp starts, goes no lower than announced, and takes a day.
  function _checkRamp(uint256 before, Params memory paramsBefore) private {
    StewardState memory state = steward.state(address(_vault));
    Params memory params = _vault.params();
    bool isStarted = params.liquidationLtvToBps < before && params.rampEnd > block.timestamp;
    if (isStarted && params.rampStart == block.timestamp && paramsBefore.rampEnd <= block.timestamp) {
      ++counts["ramps"];
      if (_announcedAt == 0 || block.timestamp < _announcedAt + 1 days) _violated("RISK-1 ramp without notice");
      if (params.liquidationLtvToBps < _announcedTo) _violated("RISK-1 ramp below what was announced");
      if (params.rampEnd < block.timestamp + 1 days) _violated("RISK-1 ramp too fast");
      uint256 most = steward.dial(address(_vault), Parameter.LIQUIDATION_LTV).tightStep;
      if (before - params.liquidationLtvToBps > most) _violated("RISK-1 ramp step");
      _changedAt[0] = block.timestamp;
      _rampTo = params.liquidationLtvToBps;
    }
    if (state.startsAt == 0) {
      _announcedAt = 0;
      return;
    }
    if (_announcedAt != 0) return;
    ++counts["announced"];
    _announcedAt = block.timestamp;
    _announcedTo = state.announcedBps;
    _changedAt[0] = block.timestamp;
  }
}
