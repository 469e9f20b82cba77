// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LibCall} from "solady/src/utils/LibCall.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {ITransferHook} from "./MockHookERC20.sol";

/// @title MockPuller
/// @notice An account with code and Ether that makes calls one after the other and goes on where one fails; and further calls
/// while it is called back or paid back.
contract MockPuller is ITakeCallback, ITransferHook {
  struct Call {
    address target;
    uint256 value;
    bytes data;
  }

  /// @notice What came of a call.
  event Called(uint256 indexed place, bool success, bytes data);

  error EtherRefused();

  bool public refusesEther;
  bool public refusesTakes;
  Call[] private _inTake;
  Call[] private _inRefund;
  Call[] private _inHook;

  receive() external payable {
    if (refusesEther) revert EtherRefused();
    _runOnce(_inRefund);
  }

  function setRefuses(bool ether_, bool takes) external {
    (refusesEther, refusesTakes) = (ether_, takes);
  }

  /// @notice Calls to make in the next callback of a take.
  function planInTake(Call[] calldata calls) external {
    _copy(_inTake, calls);
  }

  /// @notice Calls to make when Ether comes next.
  function planInRefund(Call[] calldata calls) external {
    _copy(_inRefund, calls);
  }

  /// @notice Calls to make in the next hook of a token that tells its receiver.
  function planInHook(Call[] calldata calls) external {
    _copy(_inHook, calls);
  }

  /// @notice Calls of one transaction.
  function run(Call[] calldata calls) external payable {
    for (uint256 i = 0; i < calls.length; ++i) _call(i, calls[i]);
  }

  function onTake(uint256, uint256, bytes calldata) external returns (bytes4) {
    _runOnce(_inTake);
    return refusesTakes ? bytes4(0) : ITakeCallback.onTake.selector;
  }

  function onTransferHook(uint256) external {
    _runOnce(_inHook);
  }

  function _copy(Call[] storage to, Call[] calldata from) private {
    for (uint256 i = 0; i < from.length; ++i) to.push(from[i]);
  }

  /// @dev A call of the plan may call back: each runs once.
  function _runOnce(Call[] storage plan) private {
    Call[] memory calls = plan;
    while (plan.length != 0) plan.pop();
    for (uint256 i = 0; i < calls.length; ++i) _call(i, calls[i]);
  }

  function _call(uint256 place, Call memory call_) private {
    (bool success, , bytes memory data) = LibCall.tryCall(
      call_.target,
      call_.value,
      gasleft(),
      type(uint16).max,
      call_.data
    );
    emit Called(place, success, data);
  }
}
