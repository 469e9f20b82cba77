// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SaleTerms, SaleTermsPacking} from "../../../contracts/types/SaleTerms.sol";
import {Test} from "../base/Test.sol";

contract SaleTermsPackingTest is Test {
  function testFuzz_pack_andUnpackGiveTheSame(SaleTerms memory terms) public pure {
    terms.startPremiumBps = uint16(terms.startPremiumBps);
    terms.holdBps = uint16(terms.holdBps);
    terms.maxDiscountBps = uint16(terms.maxDiscountBps);
    terms.penaltyBps = uint16(terms.penaltyBps);
    terms.targetLtvBps = uint16(terms.targetLtvBps);
    terms.halfLife = uint16(terms.halfLife);
    terms.horizon = uint16(terms.horizon);
    terms.lot = uint96(terms.lot);
    terms.impactBps = uint16(terms.impactBps);
    terms.urgencyBps = uint16(terms.urgencyBps);
    terms.fallWindow = uint16(terms.fallWindow);
    SaleTerms memory unpacked;
    SaleTermsPacking.unpack(unpacked, SaleTermsPacking.pack(terms));
    assertEq(abi.encode(unpacked), abi.encode(terms));
  }

  function testFuzz_unpack_andPackGiveTheSame(uint256 slot) public pure {
    SaleTerms memory terms;
    SaleTermsPacking.unpack(terms, slot);
    assertEq(SaleTermsPacking.pack(terms), slot);
  }
}
