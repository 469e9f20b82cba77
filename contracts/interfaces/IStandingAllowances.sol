// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IStandingAllowances
/// @notice Serves vaults of one factory. Each has a standing allowance of its loan asset from here, so that no order has to give
/// one and take it back. A vault takes from its caller only, what the call in hand costs.
interface IStandingAllowances {
  /// @notice A vault got its standing allowance of its loan asset.
  event VaultServed(address indexed vault, address indexed asset);

  /// @notice Factory whose vaults are served.
  function vaultFactory() external view returns (address);

  /// @notice Loan asset of a vault that is served; the zero address for others.
  function servedAsset(address vault) external view returns (address);

  /// @notice Allow a vault of the factory all of its loan asset that will ever lie here, so that no order has to. Open to all; the
  /// first order of a vault does it where nobody has. Again, it renews the allowance of a token that uses even the largest one up.
  function serve(address vault) external;
}
