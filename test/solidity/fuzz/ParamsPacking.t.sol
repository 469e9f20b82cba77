// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Params, ParamsPacking} from "../../../contracts/types/Params.sol";
import {ThreeDigits} from "../../../contracts/types/ThreeDigits.sol";
import {Test} from "../base/Test.sol";

contract ParamsPackingTest is Test {
  function testFuzz_pack_andUnpackGiveTheSame(Params memory params) public pure {
    _fit(params);
    Params memory unpacked;
    ParamsPacking.unpack(unpacked, ParamsPacking.pack(params));
    assertEq(abi.encode(unpacked), abi.encode(params));
  }

  function testFuzz_liquidationLtv_movesBetweenItsEndsAndNeverBack(
    uint16 from,
    uint16 to,
    uint40 start,
    uint256 duration,
    uint256 elapsed,
    uint256 more
  ) public pure {
    duration = bound(duration, 1, 365 days);
    elapsed = bound(elapsed, 0, 2 * duration);
    more = bound(more, 0, duration);
    Params memory params;
    params.liquidationLtvFromBps = from;
    params.liquidationLtvToBps = to;
    params.rampStart = start / 2;
    params.rampEnd = params.rampStart + duration;
    uint256 slot = ParamsPacking.pack(params);
    uint256 now_ = ParamsPacking.liquidationLtvBps(slot, params.rampStart + elapsed);
    uint256 later = ParamsPacking.liquidationLtvBps(slot, params.rampStart + elapsed + more);
    if (elapsed == 0) assertEq(now_, from);
    if (elapsed >= duration) assertEq(now_, to);
    if (from <= to) {
      assertLe(from, now_);
      assertLe(now_, later);
      assertLe(later, to);
    } else {
      assertGe(from, now_);
      assertGe(now_, later);
      assertGe(later, to);
    }
  }

  function _fit(Params memory params) private pure {
    params.borrowLtvBps = uint16(params.borrowLtvBps);
    params.liquidationLtvFromBps = uint16(params.liquidationLtvFromBps);
    params.liquidationLtvToBps = uint16(params.liquidationLtvToBps);
    params.rampStart = uint40(params.rampStart);
    params.rampEnd = uint40(params.rampEnd);
    params.clocksRestartedAt = uint40(params.clocksRestartedAt);
    params.termsId = uint16(params.termsId);
    params.reserveFactorBps = uint16(params.reserveFactorBps);
    params.maxOracleStepBps = uint16(params.maxOracleStepBps);
    params.pausedActions = uint8(params.pausedActions);
    params.rewardCap = ThreeDigits.unpack(ThreeDigits.pack(uint128(params.rewardCap)));
    params.nativePrice = ThreeDigits.unpack(ThreeDigits.pack(uint128(params.nativePrice)));
  }
}
