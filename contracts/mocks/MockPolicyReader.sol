// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISalePolicy} from "../interfaces/ISalePolicy.sol";
import {Assessment, Recommendation} from "../types/SaleRisk.sol";

/// @title MockPolicyReader
/// @notice Asks a policy in a transaction and says what it heard: calls see no base fee, transactions do.
contract MockPolicyReader {
  event Heard(Recommendation recommendation, Assessment split, bool isAcceptable, uint256 costOfWaiting);

  function read(ISalePolicy policy, address vault, address borrower, uint256[4] calldata shares) external {
    emit Heard(
      policy.recommend(vault, borrower),
      policy.evaluate(vault, borrower, shares),
      policy.isAcceptable(vault, borrower, shares),
      policy.costOfWaiting(vault, borrower)
    );
  }
}
