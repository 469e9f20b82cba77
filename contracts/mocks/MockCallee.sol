// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ILeverageCallback} from "../interfaces/callbacks/ILeverageCallback.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {ITransferHook} from "./MockHookERC20.sol";

/// @title MockCallee
/// @notice An account with code: it calls what it is told, and while it is called back it runs a plan of further calls and
/// keeps what came of them. For tests of callbacks, reentry and takers without capital.
contract MockCallee is ITakeCallback, ILeverageCallback, IERC3156FlashBorrower, ITransferHook {
  struct Call {
    address target;
    bytes data;
  }

  struct Result {
    bool success;
    bytes data;
  }

  /// @notice A callback came: which one, its two amounts and its data.
  event CalledBack(bytes4 indexed selector, uint256 first, uint256 second, bytes data);

  bool public refuses;
  Call[] private _plan;
  Result[] private _results;

  /// @notice Calls to run in the next callback.
  function setPlan(Call[] calldata plan) external {
    delete _plan;
    for (uint256 i = 0; i < plan.length; ++i) _plan.push(plan[i]);
  }

  /// @notice Whether callbacks answer with a wrong magic value.
  function setRefuses(bool refuses_) external {
    refuses = refuses_;
  }

  /// @notice One call as this account; its revert is passed on.
  function execute(address target, bytes calldata data) external returns (bytes memory) {
    return Address.functionCall(target, data);
  }

  /// @notice The same call many times over, in one transaction; a revert is passed on.
  function executeMany(address target, bytes calldata data, uint256 times) external {
    for (uint256 i = 0; i < times; ++i) Address.functionCall(target, data);
  }

  /// @notice Calls as this account, in one transaction; a revert is passed on.
  function executeAll(Call[] calldata calls) external {
    for (uint256 i = 0; i < calls.length; ++i) Address.functionCall(calls[i].target, calls[i].data);
  }

  function onTake(uint256 payment, uint256 collateral, bytes calldata data) external returns (bytes4) {
    return _answer(ITakeCallback.onTake.selector, payment, collateral, data);
  }

  function onBorrow(uint256 borrowed, uint256 collateralDue, bytes calldata data) external returns (bytes4) {
    return _answer(ILeverageCallback.onBorrow.selector, borrowed, collateralDue, data);
  }

  function onRepay(uint256 withdrawn, uint256 repaymentDue, bytes calldata data) external returns (bytes4) {
    return _answer(ILeverageCallback.onRepay.selector, withdrawn, repaymentDue, data);
  }

  function onFlashLoan(address, address, uint256 amount, uint256 fee, bytes calldata data) external returns (bytes32) {
    _answer(IERC3156FlashBorrower.onFlashLoan.selector, amount, fee, data);
    return refuses ? bytes32(0) : keccak256("ERC3156FlashBorrower.onFlashLoan");
  }

  /// @notice Of a pool's flash loan.
  function uniswapV3FlashCallback(uint256 fee0, uint256 fee1, bytes calldata data) external {
    _answer(this.uniswapV3FlashCallback.selector, fee0, fee1, data);
  }

  function onTransferHook(uint256 amount) external {
    _answer(ITransferHook.onTransferHook.selector, amount, 0, "");
  }

  /// @notice What came of the plan's calls, in their order.
  function results() external view returns (Result[] memory) {
    return _results;
  }

  function _answer(bytes4 selector, uint256 first, uint256 second, bytes memory data) private returns (bytes4) {
    emit CalledBack(selector, first, second, data);
    Call[] memory plan = _plan;
    // A call of the plan may call back: each call runs once.
    delete _plan;
    for (uint256 i = 0; i < plan.length; ++i) {
      // What a hostile account does is not known beforehand.
      // solhint-disable-next-line avoid-low-level-calls
      (bool success, bytes memory data_) = plan[i].target.call(plan[i].data);
      _results.push(Result(success, data_));
    }
    return refuses ? bytes4(0xffffffff) : selector;
  }
}
