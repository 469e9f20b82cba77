// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IVaultCore} from "../interfaces/IVaultCore.sol";

/// @title MockCrowd
/// @notice Opens many equal positions in one transaction, each of a borrower of its own. It must hold the collateral.
contract MockCrowd {
  IVaultCore private immutable _vault;
  address[] private _members;

  constructor(IVaultCore vault) {
    _vault = vault;
    IERC20(vault.collateralAsset()).approve(address(vault), type(uint256).max);
  }

  function open(uint256 count, uint256 collateral, uint256 debt) external {
    for (uint256 i = 0; i < count; ++i) {
      MockCrowdMember member = new MockCrowdMember();
      _vault.supplyCollateral(collateral, address(member));
      member.borrow(_vault, debt);
      _members.push(address(member));
    }
  }

  function startSales(uint256 from, uint256 to) external {
    for (uint256 i = from; i < to; ++i) _vault.startSale(_members[i], address(0));
  }

  function members() external view returns (address[] memory) {
    return _members;
  }
}

/// @title MockCrowdMember
/// @notice One borrower of a `MockCrowd`.
contract MockCrowdMember {
  function borrow(IVaultCore vault, uint256 debt) external {
    vault.borrow(debt, address(this), msg.sender);
  }
}
