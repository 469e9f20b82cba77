// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Position, PositionPacking} from "../../../contracts/types/Position.sol";
import {Test} from "../base/Test.sol";

contract PositionPackingTest is Test {
  function testFuzz_pack_andUnpackGiveTheSame(
    uint104 collateral,
    uint96 scaledDebt,
    uint32 saleStartedAt,
    uint16 termsId,
    uint8 proof
  ) public pure {
    Position memory position = Position(collateral, scaledDebt, saleStartedAt, termsId, proof);
    Position memory unpacked;
    PositionPacking.unpack(unpacked, PositionPacking.pack(position));
    assertEq(abi.encode(unpacked), abi.encode(position));
  }

  function testFuzz_unpack_andPackGiveTheSame(uint256 slot) public pure {
    Position memory position;
    PositionPacking.unpack(position, slot);
    assertEq(PositionPacking.pack(position), slot);
  }

  function testFuzz_pack_revertsOnCollateralThatDoesNotFit(uint256 collateral) public {
    collateral = bound(collateral, 2 ** 104, type(uint256).max);
    vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 104, collateral));
    this.pack(Position(collateral, 0, 0, 0, 0));
  }

  function testFuzz_pack_revertsOnDebtThatDoesNotFit(uint256 scaledDebt) public {
    scaledDebt = bound(scaledDebt, 2 ** 96, type(uint256).max);
    vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 96, scaledDebt));
    this.pack(Position(0, scaledDebt, 0, 0, 0));
  }

  function pack(Position memory position) external pure returns (uint256) {
    return PositionPacking.pack(position);
  }
}
