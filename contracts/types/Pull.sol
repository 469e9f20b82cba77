// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a pull oracle is built from.
/// @param oracle `OracleAdapter` that is pushed: it decides, and bounds what is brought.
/// @param vaultFactory `VaultFactory` whose vaults may be served.
/// @param pyth Pyth's contract, which verifies updates and names their fee.
/// @param feedId Pyth's id of the price of the collateral asset in the loan asset, or in what the loan asset is held to be worth.
/// @param window Seconds: the first update that was published so long ago or later counts, no other.
struct PullConfig {
  address oracle;
  address vaultFactory;
  address pyth;
  bytes32 feedId;
  uint256 window;
}
