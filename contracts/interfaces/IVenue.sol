// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VenueResult} from "../types/VenueResult.sol";

/// @title IVenue
/// @notice One pool to sell in. It holds nothing between transactions and has no authority over anyone's tokens: what is to be
/// swapped is sent to it first, in the same transaction. Nobody should approve it, nor leave anything here.
interface IVenue {
  /// @notice The pool is none of the factory's.
  error NotGenuine(address pool);

  /// @notice The token is none of the pool's.
  error InvalidToken(address token);

  /// @notice What a swap would do now. May simulate and revert inside, so call it off chain.
  /// @param amountIn Above 0.
  function quote(address tokenIn, uint256 amountIn) external returns (VenueResult memory result);

  /// @notice Mean price of the pool over its window before now; units of the other token per unit of `tokenIn` x 1e36, rounded down.
  /// What was swapped in this block does not count.
  /// @return 0 where the pool keeps no past.
  function meanPrice(address tokenIn) external view returns (uint256);

  /// @notice The same over as long a window that ended a while ago.
  /// @param ago Seconds between now and the end of that window, above 0.
  /// @return 0 where the pool keeps no past, or does not look back so far.
  function earlierMeanPrice(address tokenIn, uint256 ago) external view returns (uint256);

  /// @notice Swap `amountIn`, which lies here since the same transaction.
  /// @param receiver Who gets the token out; what is enough of it is for the caller to say.
  function swap(address tokenIn, uint256 amountIn, address receiver) external returns (VenueResult memory result);
}
