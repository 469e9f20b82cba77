/** `BidState` of contracts/types/Bid.sol. */
export const BidState = {
  PENDING: 0n,
  OPEN: 1n,
  LEAVING: 2n,
  WITHDRAWABLE: 3n,
  WITHDRAWN: 4n,
  FILLED: 5n,
} as const;
