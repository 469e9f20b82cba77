// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IDirectSaleLiquidator} from "../interfaces/IDirectSaleLiquidator.sol";
import {IDutchAuctionLiquidator} from "../interfaces/IDutchAuctionLiquidator.sol";
import {ISalePolicy} from "../interfaces/ISalePolicy.sol";
import {ISplitLiquidator} from "../interfaces/ISplitLiquidator.sol";
import {IVault} from "../interfaces/IVault.sol";
import {AuctionOrder, AuctionResult} from "../types/DutchAuction.sol";
import {DirectSaleOrder, DirectSaleResult} from "../types/DirectSale.sol";
import {Mechanism, Recommendation} from "../types/SaleRisk.sol";
import {SplitOrder} from "../types/SplitSale.sol";

/// @title SplitLiquidator
/// @dev A keeper like any other to the liquidators that it calls: they pay the order's receiver, nothing comes here.
/// ASSUMPTIONS: the two liquidators check vault, receiver and deadline. LIVENESS: a split that is refused stops nothing else.
/// ROUNDING: the direct part down.
contract SplitLiquidator is ISplitLiquidator {
  uint256 private constant _WAD = 1e18;

  /// @inheritdoc ISplitLiquidator
  address public immutable policy;
  /// @inheritdoc ISplitLiquidator
  address public immutable directSaleLiquidator;
  /// @inheritdoc ISplitLiquidator
  address public immutable dutchAuctionLiquidator;

  constructor(address policy_, address directSaleLiquidator_, address dutchAuctionLiquidator_) {
    policy = policy_;
    directSaleLiquidator = directSaleLiquidator_;
    dutchAuctionLiquidator = dutchAuctionLiquidator_;
  }

  /// @inheritdoc ISplitLiquidator
  function execute(
    SplitOrder calldata order
  ) external returns (DirectSaleResult memory direct, AuctionResult memory taken) {
    DirectSaleOrder memory part = order.direct;
    _requireAcceptable(part.vault, part.borrower, order.shares);
    bool sells = order.shares[uint256(Mechanism.DIRECT)] != 0;
    bool takes = order.pools.length != 0 && order.shares[uint256(Mechanism.DUTCH)] != 0;
    if (!sells && !takes) revert NothingToDo();
    uint256 lot = IVault(part.vault).quoteSell(part.borrower, part.price, type(uint256).max).repay;
    if (sells) {
      uint256 share = order.shares[uint256(Mechanism.DIRECT)];
      part.maxRepay = share == _WAD ? type(uint256).max : Math.mulDiv(lot, share, _WAD);
      direct = IDirectSaleLiquidator(directSaleLiquidator).execute(part);
    }
    if (takes) taken = _take(order, Math.mulDiv(lot, order.shares[uint256(Mechanism.DUTCH)], _WAD));
    emit Split(part.vault, part.borrower, msg.sender, order.shares);
  }

  function _requireAcceptable(address vault, address borrower, uint256[4] calldata shares) private view {
    ISalePolicy judge = ISalePolicy(policy);
    if (judge.isAcceptable(vault, borrower, shares)) return;
    Recommendation memory recommendation = judge.recommend(vault, borrower);
    revert SplitRefused(
      judge.evaluate(vault, borrower, shares).total,
      recommendation.assessments[uint256(recommendation.best)].total
    );
  }

  function _take(SplitOrder calldata order, uint256 maxRepay) private returns (AuctionResult memory) {
    address[] memory borrowers = new address[](1);
    borrowers[0] = order.direct.borrower;
    return
      IDutchAuctionLiquidator(dutchAuctionLiquidator).execute(
        AuctionOrder({
          vault: order.direct.vault,
          borrowers: borrowers,
          start: order.direct.startsToo,
          maxRepay: maxRepay,
          pools: order.pools,
          minProfit: order.minProfit,
          receiver: order.direct.receiver,
          deadline: order.direct.deadline
        })
      );
  }
}
