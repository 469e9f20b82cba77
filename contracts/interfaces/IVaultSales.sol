// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SaleQuote, SellParams, TakeManyParams, TakeParams} from "../types/TakeParams.sol";

/// @title IVaultSales
/// @notice The forced sale: from `startSale` until the position is healthy or empty. Open to all; the payer is always the
/// caller. Three ways to sell: takes at the clock's price, direct sales into pools (`IDirectSaleLiquidator`) and clearings of standing
/// bids (`IBatchAuctionLiquidator`); the backstop buys too. What holds of all of them:
/// LIQ-1: a position that is healthy on the deciding price is not sold, its owner's own order to deleverage apart; directly not even
/// one that is healthy at the reference venue's mean.
/// LIQ-2: while `debt x (1 + penalty) <= collateral x sale price` a sale never raises the LTV of what it leaves.
/// LIQ-3: a sale of the maximum leaves an LTV of at most the terms' target, or nothing.
/// LIQ-4: a debt that is left beside collateral is at least `minDebt`.
/// LIQ-5: a debt falls only by what the vault is paid, or by `realizeLoss` once no collateral is left.
/// LIQ-6: to split a sale, over time or over positions, never pays whoever buys or sends it.
/// LIQ-7: while the oracle is not STALE and sales are not paused, every unhealthy position with collateral can be started, whatever
/// its size, and whoever pays the clock's price can take all of it that may be sold. No position is left that nobody may sell.
/// AUC-1: between two sales of the vault the clock's price does not rise in live time that proofs join, at a fixed oracle, but with the
/// debt's own growth while what covers debt and penalty binds it: until a sale has been live for a half-life it is no lower than that,
/// nor than the deciding price where that is less. It stays between `low x (1 - maxDiscount)` and the anchor with its premium. No
/// sale of one position lowers it for another.
/// AUC-2: the terms of a live sale never change, whatever terms the vault gets; one that lapsed and is started afresh takes new ones.
/// AUC-3: no second in which the position was healthy, or in which nobody could act, deepens a discount beyond the hold, but for a
/// recovery that fits between two proofs within a half-life.
interface IVaultSales {
  /// @notice Why a sale ended. CURED: its owner's side repaid or added collateral. SOLD: a take of the maximum brought health
  /// to 1, or one of a part to 1.02. RECOVERED: the price did. EMPTIED: all collateral is gone and debt is left.
  enum EndReason {
    CURED,
    SOLD,
    RECOVERED,
    EMPTIED
  }

  /// @notice A sale started, or a lapsed one was started afresh.
  /// @param clockStartedAt Unix seconds at which its clock begins; earlier than now for a sale that had lapsed.
  /// @param debt Debt at the start, reward included, loan units.
  /// @param collateral Collateral at the start, collateral units.
  /// @param price Deciding price, 1e36 scale.
  /// @param reward What the starter gets, on the borrower's debt, loan units; 0 where the starter takes at once and gets
  /// it out of the penalty.
  event SaleStarted(
    address indexed borrower,
    address indexed starter,
    uint256 termsId,
    uint256 clockStartedAt,
    uint256 debt,
    uint256 collateral,
    uint256 price,
    uint256 reward
  );
  /// @notice Collateral was sold.
  /// @param repaid Debt repaid, loan units.
  /// @param penalty Penalty on top, for the reserve, loan units: the taker paid `repaid + penalty`. Where the taker started
  /// the sale in the same call it is net of the reward for that; in a direct sale net of the gas of one.
  /// @param collateral Collateral sold, collateral units.
  /// @param price Sale price, 1e36 scale.
  event Take(
    address indexed borrower,
    address indexed taker,
    uint256 repaid,
    uint256 penalty,
    uint256 collateral,
    uint256 price
  );
  /// @notice The sale's clock was cleared.
  event SaleEnded(address indexed borrower, EndReason reason);
  /// @notice The loss that lenders bear in the share price for this position changed, loan units.
  event MarkedDown(address indexed borrower, uint256 markBefore, uint256 markAfter);
  /// @notice The debt of an emptied position was written off: the only way in which debt falls without payment.
  /// @param fromReserve Part borne by the reserve, loan units.
  /// @param fromBackstop Part borne by the backstop, loan units.
  /// @param fromLenders Part borne by lenders, loan units.
  event LossRealized(address indexed borrower, uint256 fromReserve, uint256 fromBackstop, uint256 fromLenders);

  /// @notice A price of 2^188 or more (1e36 scale): out of what sales can reckon with.
  error PriceTooHigh();
  /// @notice The oracle is STALE: clocks stand still.
  error OracleStale();
  /// @notice The position is healthy on the price that counts: debt and most debt in health, loan units.
  error PositionHealthy(address borrower, uint256 debt, uint256 maxDebt);
  /// @notice No sale is live for this borrower.
  error SaleNotStarted(address borrower);
  /// @notice A sale is live and has not lapsed.
  error SaleAlreadyStarted(address borrower);
  /// @notice The last proof that the position was unhealthy is twelve horizons old: start the sale afresh.
  error SaleLapsed(address borrower);
  /// @notice Part of the debt (or of the collateral) would be left that is too small to be sold by itself.
  error RemainderTooSmall(uint256 remainingDebt, uint256 minDebt);
  /// @notice The payment is above the taker's limit, loan units.
  error PaymentTooHigh(uint256 payment, uint256 maxPayment);
  /// @notice The collateral is below the taker's limit, collateral units.
  error CollateralTooLow(uint256 collateral, uint256 minCollateral);
  /// @notice The deadline has passed, unix seconds.
  error DeadlinePassed(uint256 deadline);
  /// @notice No position of the list could be sold.
  error NothingToTake();
  /// @notice Only the direct and the batch liquidator and the backstop may sell away from the clock.
  error NotSeller(address caller);
  /// @notice The price is under the floor `low x (1 - maxDiscount)`, 1e36 scale.
  error PriceBelowFloor(uint256 price, uint256 floor);
  /// @notice The action is paused, or the vault winds down.
  error ActionPaused(uint256 action);

  /// @notice Start the sale of an unhealthy position, whatever its size. A lapsed sale is started afresh, without reward.
  /// The reward is added to the borrower's debt and paid in vault shares minted at full price; never more than half the
  /// penalty on the close amount, nor than what the collateral surely covers. It pays less gas than one more start in a row of
  /// starts costs. A position whose sale ended under health 1.02 rests: until it was shown at 1.02 (`endSale`), for a day at least
  /// and two at most, nobody is paid for starting it.
  /// @dev Requirements: sales not paused (`ActionPaused`); oracle not STALE (`OracleStale`), its prices under 2^188 (`PriceTooHigh`); the
  /// position unhealthy on `startBound` (`PositionHealthy`) and with collateral (`PositionEmptied`); no live sale but a lapsed one
  /// (`SaleAlreadyStarted`). Emits `SaleStarted`, and `MarkedDown` where the mark changes.
  /// @param borrower Whose position.
  /// @param rewardReceiver Who gets the reward; the zero address waives it.
  /// @return reward Loan units.
  function startSale(address borrower, address rewardReceiver) external returns (uint256 reward);

  /// @notice Look at the position of a live sale. Unhealthy, that is a proof, as each take is: the sale's age goes on from here,
  /// with the time since the last proof if that is at most one half-life; else it falls back to the time in which its
  /// discount comes to hold. Healthy, the sale ends where `endSale` could end it; else the last proof is void and the age stops
  /// at the time to hold. Re-marks the position. Reverts while the oracle is STALE or sales are paused, and for a lapsed sale of
  /// an unhealthy position.
  function touch(address borrower) external;

  /// @notice Buy collateral of a live sale at the clock's price. Collateral leaves before the payment comes (flash take).
  /// @dev Requirements: sales not paused (`ActionPaused`); oracle not STALE (`OracleStale`), its prices under 2^188 (`PriceTooHigh`); a live
  /// sale (`SaleNotStarted`, `SaleLapsed`) of a position that is unhealthy still (`PositionHealthy`); `maxRepay` above 0 (`ZeroAmount`) and
  /// leaving nothing too small (`RemainderTooSmall`); within the taker's limits (`DeadlinePassed`, `PaymentTooHigh`, `CollateralTooLow`); a
  /// callback that answers (`IVaultBorrowing.CallbackRefused`); balance and allowance of the caller after it.
  /// Emits `Take`, `SaleEnded` where the sale is over, `MarkedDown` where the mark changes.
  /// @param params As in `TakeParams`. Price and payment round up, collateral down.
  /// @return payment Loan units pulled from the caller.
  /// @return collateral Collateral units sent to the receiver.
  function take(TakeParams calldata params) external returns (uint256 payment, uint256 collateral);

  /// @notice Buy from several live sales, one transfer each way. Reverts with `NothingToTake` when none could be sold.
  /// @dev Requirements: as in `take`, but that positions which can't be sold are passed over; one at least is sold (`NothingToTake`).
  /// Emits `Take` for each position that is sold, and what goes with it.
  /// @param params As in `TakeManyParams`.
  /// @return payment Loan units pulled from the caller, for all of them.
  /// @return collateral Collateral units sent to the receiver, of all of them.
  function takeMany(TakeManyParams calldata params) external returns (uint256 payment, uint256 collateral);

  /// @notice Start a sale and take at once. The reward, at most half the penalty on what is taken, comes out of that penalty:
  /// the payment is so much lower and the borrower's debt does not rise.
  /// @dev Requirements: those of `startSale` and of `take`. Emits `SaleStarted` with a reward of 0, then as `take`.
  /// @param params As in `TakeParams`.
  /// @return payment Loan units pulled from the caller, net of the reward.
  /// @return collateral Collateral units sent to the receiver.
  function startAndTake(TakeParams calldata params) external returns (uint256 payment, uint256 collateral);

  /// @notice Sell collateral away from the clock: for the vault's direct and batch liquidators and its backstop only, which pay
  /// as `msg.sender` like anybody. The clock aside everything is as in `takeMany`: live sales of unhealthy positions only, the
  /// close amount at most, nothing under the floor, the sale clock moves. The direct liquidator pays so much less of the penalty
  /// as the gas of a direct sale costs, at most half of it and the cap of a starter's reward: that is its caller's reward. Where no
  /// sale is live its call starts one first, without a reward on the borrower's debt: it reverts with `PositionHealthy` or
  /// `PositionEmptied` where that can't be.
  /// @dev Requirements: the caller is one of the three (`NotSeller`); as in `takeMany`, without limits of the taker; a price under 2^188
  /// (`PriceTooHigh`) and not under the floor of any position that is sold (`PriceBelowFloor`). Emits as `takeMany`.
  /// @param params As in `SellParams`; its price is loan units per collateral unit x 1e36.
  /// @return payment Loan units pulled from the caller.
  /// @return collateral Collateral units sent to the receiver.
  function sell(SellParams calldata params) external returns (uint256 payment, uint256 collateral);

  /// @notice What the largest legal take would cost now. Reverts as `take` would when nothing can be sold.
  function quoteTake(address borrower) external view returns (SaleQuote memory);
}
