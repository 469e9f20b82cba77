// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IVaultLosses} from "../interfaces/IVaultLosses.sol";
import {ITransferHook} from "./MockHookERC20.sol";

/// @title MockHookRealizer
/// @notice Deposits into a backstop and, from the token's hook in the middle of that, tries to realize a loss.
contract MockHookRealizer is ITransferHook {
  IVaultLosses private immutable _vault;
  address private immutable _borrower;

  /// @notice Selector with which the vault refused; 0 where it did not.
  bytes4 public refused;

  constructor(IVaultLosses vault, address borrower) {
    _vault = vault;
    _borrower = borrower;
  }

  function act(IERC4626 backstop, uint256 assets) external {
    IERC20(backstop.asset()).approve(address(backstop), assets);
    backstop.deposit(assets, address(this));
  }

  function onTransferHook(uint256) external {
    try _vault.realizeLoss(_borrower) returns (uint256) {
      refused = 0;
    } catch (bytes memory reason) {
      refused = bytes4(reason);
    }
  }
}
