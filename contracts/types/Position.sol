// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice One borrower's collateral and debt in one vault, and the clock of its sale. One storage slot:
/// `collateral u104 | scaledDebt u96 | saleStartedAt u32 | termsId u16 | proof u8`.
/// @param collateral Collateral held, collateral units.
/// @param scaledDebt Debt divided by the interest index (loan units at index 1e18); debt = ceil(scaledDebt x index / 1e18).
/// @param saleStartedAt Unix seconds at which the sale's clock began, moved up by a proof after which its age is less than that;
/// 0 while no sale is live.
/// @param termsId Version of the sale terms that the live sale keeps to its end. While no sale is live: the day (unix days) at
/// whose start the rest of the last one is over; 0 for none.
/// @param proof Last proof that the position was unhealthy: 1 + sixteenths of the terms' horizon since `saleStartedAt`, rounded
/// down (`SaleClock`); 0 while no sale is live, and where somebody saw the position healthy since.
struct Position {
  uint256 collateral;
  uint256 scaledDebt;
  uint256 saleStartedAt;
  uint256 termsId;
  uint256 proof;
}

/// @title PositionPacking
/// @notice Between the slot and memory. What does not fit reverts (`SafeCastOverflowedUintDowncast`).
library PositionPacking {
  using SafeCast for uint256;

  /// @dev Fills what the caller allocated: returning a struct would allocate it twice.
  function unpack(Position memory position, uint256 slot) internal pure {
    position.collateral = uint104(slot);
    position.scaledDebt = uint96(slot >> 104);
    position.saleStartedAt = uint32(slot >> 200);
    position.termsId = uint16(slot >> 232);
    position.proof = slot >> 248;
  }

  /// @dev `saleStartedAt` is a block time, `termsId` was checked when it was made, and `SaleClock` bounds `proof`.
  function pack(Position memory position) internal pure returns (uint256) {
    return
      position.collateral.toUint104() |
      (uint256(position.scaledDebt.toUint96()) << 104) |
      (position.saleStartedAt << 200) |
      (position.termsId << 232) |
      (position.proof << 248);
  }
}
