// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IVaultCover
/// @notice What a vault asks of its backstop.
interface IVaultCover {
  /// @notice Pay for a loss of the calling vault, up to the vault's cover cap and what is at hand. Transfers the loan asset to the
  /// caller before it returns.
  /// @param loss Loan units.
  /// @return covered Loan units transferred, at most `loss`.
  function coverLoss(uint256 loss) external returns (uint256 covered);
}
