// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SaleClock} from "../../../contracts/libraries/SaleClock.sol";
import {Position} from "../../../contracts/types/Position.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {Test} from "../base/Test.sol";

/// @notice Laws of a sale's age over any sequence of looks.
contract SaleClockTest is Test {
  uint256 private constant _START = 1_700_000_000;

  function testFuzz_AUC3_aProofDeepensByAtMostOneHalfLife_andSilenceByNothing(
    uint256 horizon,
    uint256 halfLife,
    uint256 hold,
    uint256[12] memory gaps,
    uint256 healthy
  ) public pure {
    SaleTerms memory terms;
    terms.horizon = bound(horizon, 1, 2 hours);
    terms.halfLife = bound(halfLife, (terms.horizon + 7) / 8, terms.horizon);
    hold = bound(hold, 0, 12 * terms.horizon);
    Position memory position;
    SaleClock.prove(position, terms.horizon, _START, 0);
    uint256 timestamp = _START;
    uint256 provenAt = _START;
    uint256 before = 0;
    for (uint256 i = 0; i < gaps.length; ++i) {
      timestamp += bound(gaps[i], 0, 2 * terms.halfLife);
      uint256 age = _age(position, terms, hold, timestamp);
      if (timestamp - provenAt > terms.halfLife) assertLe(age, hold, "silence");
      if (age > hold) assertLe(age, (before > hold ? before : hold) + terms.halfLife, "a half-life");
      if ((healthy >> i) & 1 == 1) {
        // Healthy: the last proof is void.
        position.proof = 0;
        provenAt = 0;
        assertLe(_age(position, terms, hold, timestamp), hold, "healthy");
        continue;
      }
      SaleClock.prove(position, terms.horizon, timestamp, age);
      provenAt = timestamp;
      before = age;
      assertLe(_age(position, terms, hold, timestamp), age, "a proof adds nothing by itself");
      assertLe(SaleClock.provenAt(position, terms.horizon), timestamp, "never later than it was");
      assertTrue(SaleClock.isProven(position, terms, timestamp), "a proof lasts");
      assertFalse(SaleClock.hasLapsed(position, terms, timestamp), "a proof revives");
    }
  }

  function testFuzz_prove_remembersToASixteenth(uint256 horizon, uint256 age) public pure {
    horizon = bound(horizon, 1, 2 hours);
    uint256 unit = SaleClock.sixteenth(horizon);
    age = bound(age, 0, 300 * unit);
    Position memory position;
    SaleClock.prove(position, horizon, _START, age);
    uint256 provenAt = SaleClock.provenAt(position, horizon);
    assertLe(provenAt, _START, "not later");
    assertLt(_START - provenAt, unit, "not earlier by a sixteenth");
    assertLe(_START - position.saleStartedAt, age, "no older");
    if (age < 254 * unit) assertEq(_START - position.saleStartedAt, age, "as old");
    assertLe(position.proof, type(uint8).max, "fits");
  }

  function _age(
    Position memory position,
    SaleTerms memory terms,
    uint256 hold,
    uint256 timestamp
  ) private pure returns (uint256) {
    uint256 live = timestamp - position.saleStartedAt;
    if (SaleClock.isProven(position, terms, timestamp)) return live;
    return live < hold ? live : hold;
  }
}
