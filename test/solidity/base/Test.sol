// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TestBase} from "forge-std/Base.sol";
import {StdAssertions} from "forge-std/StdAssertions.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdInvariant} from "forge-std/StdInvariant.sol";
import {StdUtils} from "forge-std/StdUtils.sol";

/// @notice What forge-std's own `Test` is, less its console, which the compiler warns about.
abstract contract Test is TestBase, StdAssertions, StdCheats, StdInvariant, StdUtils {
  /// @dev The runner looks for this name.
  // solhint-disable-next-line var-name-mixedcase
  bool public IS_TEST = true;
}
