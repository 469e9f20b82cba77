// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IVaultCover
/// @notice What a vault asks of its backstop.
interface IVaultCover {
  /// @notice Pay for a loss of the calling vault, up to the vault's cover cap and what is at hand. Transfers the loan asset to the
  /// caller before it returns. What is not paid may wait while collateral that was bought is unsold.
  /// @param loss Loan units; a part that waited before counts like any other.
  /// @param waiting Losses of the calling vault, beside this one, that wait already, loan units.
  /// @return covered Loan units transferred. @return owed Part of the rest that unsold collateral may still pay for, at its cost
  /// and within the cap, loan units; the two make at most `loss`.
  function coverLoss(uint256 loss, uint256 waiting) external returns (uint256 covered, uint256 owed);

  /// @notice Hand over collateral that was bought from the calling vault, for a loss that has waited for its resale too long:
  /// as much as cost `loss`, rounded up, or all there is. Asks no oracle.
  /// @param loss Loan units.
  /// @return collateral Collateral units transferred to the caller.
  function surrender(uint256 loss) external returns (uint256 collateral);
}
