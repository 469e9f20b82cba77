// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Totals, TotalsPacking} from "../../../contracts/types/Totals.sol";
import {Test} from "../base/Test.sol";

contract TotalsPackingTest is Test {
  function testFuzz_pack_andUnpackGiveTheSame(Totals memory totals) public pure {
    _fit(totals);
    (uint256 slot0, uint256 slot1) = TotalsPacking.pack(totals);
    Totals memory unpacked;
    TotalsPacking.unpack(unpacked, slot0, slot1);
    assertEq(abi.encode(unpacked), abi.encode(totals));
  }

  function testFuzz_pack_revertsOnCashThatDoesNotFit(Totals memory totals, uint256 cash) public {
    _fit(totals);
    totals.cash = bound(cash, 2 ** 96, type(uint256).max);
    vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 96, totals.cash));
    this.pack(totals);
  }

  function testFuzz_pack_revertsOnDebtThatDoesNotFit(Totals memory totals, uint256 scaledDebt) public {
    _fit(totals);
    totals.scaledDebt = bound(scaledDebt, 2 ** 96, type(uint256).max);
    vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 96, totals.scaledDebt));
    this.pack(totals);
  }

  function pack(Totals memory totals) external pure returns (uint256, uint256) {
    return TotalsPacking.pack(totals);
  }

  function _fit(Totals memory totals) private pure {
    totals.cash = uint96(totals.cash);
    totals.scaledDebt = uint96(totals.scaledDebt);
    totals.accruedAt = uint32(totals.accruedAt);
    totals.oracleAliveUntil = uint32(totals.oracleAliveUntil);
    totals.index = uint80(totals.index);
    totals.rateState = uint40(totals.rateState);
    totals.reserve = uint88(totals.reserve);
    totals.saleClock = uint40(totals.saleClock);
  }
}
