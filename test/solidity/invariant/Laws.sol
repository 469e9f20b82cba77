// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";

/// @notice What handlers have in common: a broken law is remembered by its name, since a revert would hide it.
abstract contract Laws {
  Vm internal constant _VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

  string[] public violations;

  function violationCount() external view returns (uint256) {
    return violations.length;
  }

  function _violated(string memory law) internal {
    violations.push(law);
  }
}
