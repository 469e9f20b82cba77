// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ThreeDigits} from "../../../contracts/types/ThreeDigits.sol";
import {Test} from "../base/Test.sol";

contract ThreeDigitsTest is Test {
  function testFuzz_pack_losesLessThanAHundredthAndNeverAdds(uint256 amount) public pure {
    amount = bound(amount, 0, 1e60 - 1);
    uint256 kept = ThreeDigits.unpack(ThreeDigits.pack(amount));
    assertLe(kept, amount);
    assertLe(amount - kept, amount / 100);
  }

  function testFuzz_pack_isExactOnThreeDigits(uint256 digits, uint256 exponent) public pure {
    uint256 amount = bound(digits, 0, 999) * 10 ** bound(exponent, 0, 57);
    assertEq(ThreeDigits.unpack(ThreeDigits.pack(amount)), amount);
  }

  function testFuzz_pack_fitsItsField(uint256 amount) public pure {
    assertLe(ThreeDigits.pack(bound(amount, 0, 1e60 - 1)), type(uint16).max);
  }

  function testFuzz_unpack_takesAnySlot(uint16 packed) public pure {
    assertLt(ThreeDigits.unpack(packed), 1.1e66);
  }
}
