// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ThreeDigits
/// @notice An amount of which only the size matters, in 16 bits: three decimal digits times a power of ten,
/// `digits u10 | exponent u6`. It saves a storage slot on every start of a sale.
library ThreeDigits {
  uint256 private constant _DIGITS_BITS = 10;
  uint256 private constant _MAX_DIGITS = 999;

  /// @notice The nearest amount below that three digits can say; exact for amounts up to 999.
  /// @param amount Under 1e60.
  function pack(uint256 amount) internal pure returns (uint256 packed) {
    uint256 exponent;
    while (amount > _MAX_DIGITS) {
      amount /= 10;
      ++exponent;
    }
    return amount | (exponent << _DIGITS_BITS);
  }

  /// @notice The amount again; under 1e66 for 16 bits of any kind.
  function unpack(uint256 packed) internal pure returns (uint256 amount) {
    // At most 1,023 x 10^63.
    unchecked {
      return (packed & ((1 << _DIGITS_BITS) - 1)) * 10 ** (packed >> _DIGITS_BITS);
    }
  }
}
