// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {IDeleverager} from "../interfaces/IDeleverager.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVaultBorrowing} from "../interfaces/IVaultBorrowing.sol";
import {IVaultDeleveraging} from "../interfaces/IVaultDeleveraging.sol";
import {IVolatilityOracle} from "../interfaces/IVolatilityOracle.sol";
import {RiskMath} from "../libraries/RiskMath.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {VenueSeller} from "../liquidation/VenueSeller.sol";
import {
  DeleverageExecution,
  DeleverageOrder,
  DeleverageOrderState,
  DeleverageParams,
  DeleveragePreview,
  DeleverageResult,
  VolatilityFeed
} from "../types/Deleveraging.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {VenueResult} from "../types/VenueResult.sol";
import {Volatility} from "../types/Volatility.sol";

/// @title Deleverager
/// @dev Read it in this order: `execute` → `_useOrder` (does the order hold?) → `_plan` (is it due, how much?) → `_buy` or
/// `_sellInPools`.
/// ASSUMPTIONS: `VenueSeller`'s; the vault checks what it lets happen to a position (FRESH, healthy, no live sale, floor, LTV
/// down), so that a fault here costs a borrower who let this contract in at most the vault's largest discount; the volatility oracle's answers
/// are true where it calls them complete. CUSTODY: `VenueSeller`'s; only `msg.sender` pays.
/// LIVENESS: while the volatility is unknown (incomplete or old) nothing is sold: a number made of too little would sell what
/// is safe or spare what is not, and the forced sale still stands behind. Anyone can bring the oracle up to date first.
/// ROUNDING: least price up, distance down, collateral down, repayments up.
contract Deleverager is IDeleverager, VenueSeller, EIP712, Nonces {
  using SafeERC20 for IERC20;

  bytes32 private constant _ORDER_TYPEHASH = keccak256(
    "DeleverageOrder(address borrower,address vault,uint256 targetLtvBps,uint256 triggerDistance,uint256 horizon,"
    "uint256 maxCostBps,uint256 minInterval,uint256 expiry,uint256 nonce)"
  );
  /// @dev Longest horizon that `RiskMath.deviation` takes, seconds.
  uint256 private constant _MAX_HORIZON = RiskMath.MAX_SECONDS / RiskMath.WAD;
  /// @dev A rescue repays at least this part of the debt, so that nobody starts its spacing with one that does not help.
  uint256 private constant _LEAST_PART = 100;
  /// @dev How far under its target a rescue may end: what the price named may be off.
  uint256 private constant _TARGET_SLACK_BPS = 25;
  /// @dev Gas of a rescue without its parts, for the fee.
  uint256 private constant _RESCUE_GAS = 295_000;

  /// @dev Furthest that a rescue may move a pool below the oracle.
  uint256 private constant _MAX_IMPACT_BPS = 200;
  /// @dev How far a pool may be off before the sale, besides its fee: arbitrage leaves it within that.
  uint256 private constant _MAX_DEVIATION = 0.003e18;

  /// @inheritdoc IDeleverager
  address public immutable volatilityOracle;

  mapping(address vault => VolatilityFeed) private _feeds;
  mapping(bytes32 orderHash => DeleverageOrderState) private _states;

  constructor(
    address vaultFactory_,
    address volatilityOracle_,
    address authority_
  ) VenueSeller(vaultFactory_, authority_) EIP712("Gavel Deleverager", "1") {
    volatilityOracle = volatilityOracle_;
  }

  /// @inheritdoc IDeleverager
  function setFeed(address vault, address feed, uint40 maxAge) external restricted {
    _feeds[vault] = VolatilityFeed(feed, maxAge);
    emit FeedSet(vault, feed, maxAge);
  }

  // --------------------------------------------------------------------------------------------------------------- orders

  /// @inheritdoc IDeleverager
  function placeOrder(DeleverageOrder calldata order) external returns (bytes32 orderHash) {
    orderHash = _requireOwn(order);
    _requireOpen(order, orderHash);
    _states[orderHash].isPlaced = true;
    emit OrderPlaced(order.borrower, orderHash, order);
  }

  /// @inheritdoc IDeleverager
  function cancelOrder(DeleverageOrder calldata order) external {
    bytes32 orderHash = _requireOwn(order);
    _states[orderHash].isCancelled = true;
    emit OrderCancelled(order.borrower, orderHash);
  }

  /// @inheritdoc IDeleverager
  function cancelAllOrders() external {
    emit AllOrdersCancelled(msg.sender, _useNonce(msg.sender) + 1);
  }

  /// @inheritdoc IDeleverager
  function hashOrder(DeleverageOrder calldata order) public pure returns (bytes32) {
    return keccak256(abi.encode(_ORDER_TYPEHASH, order));
  }

  /// @inheritdoc IDeleverager
  function stateOf(bytes32 orderHash) external view returns (DeleverageOrderState memory) {
    return _states[orderHash];
  }

  /// @inheritdoc IDeleverager
  function feedOf(address vault) external view returns (VolatilityFeed memory) {
    return _feeds[vault];
  }

  function _requireOwn(DeleverageOrder calldata order) private view returns (bytes32) {
    if (msg.sender != order.borrower) revert NotBorrower(msg.sender, order.borrower);
    return hashOrder(order);
  }

  /// @dev Checks that the order is sound and open: expiry, cancellation, nonce and spacing. Who gave it is not checked here.
  function _requireOpen(DeleverageOrder calldata order, bytes32 orderHash) private view {
    if (order.targetLtvBps >= _BPS || order.maxCostBps >= _BPS || order.horizon > _MAX_HORIZON) revert InvalidOrder();
    if (block.timestamp > order.expiry) revert OrderExpired(order.expiry);
    DeleverageOrderState memory state = _states[orderHash];
    if (state.isCancelled) revert OrderIsCancelled(orderHash);
    uint256 nonce = nonces(order.borrower);
    if (order.nonce != nonce) revert WrongNonce(order.nonce, nonce);
    if (state.executedAt != 0 && block.timestamp - state.executedAt < order.minInterval) {
      revert TooSoon(Math.saturatingAdd(state.executedAt, order.minInterval));
    }
  }

  /// @dev Checks that the order is open and its borrower's, and begins its spacing.
  function _useOrder(DeleverageOrder calldata order, bytes calldata signature) private returns (bytes32 orderHash) {
    orderHash = hashOrder(order);
    _requireOpen(order, orderHash);
    if (
      !_states[orderHash].isPlaced &&
      !SignatureChecker.isValidSignatureNowCalldata(order.borrower, _hashTypedDataV4(orderHash), signature)
    ) {
      revert InvalidOrderSignature(order.borrower, orderHash);
    }
    _states[orderHash].executedAt = uint40(block.timestamp);
  }

  // -------------------------------------------------------------------------------------------------------------- rescues

  /// @inheritdoc IDeleverager
  function execute(
    DeleverageExecution calldata execution
  ) external nonReentrant returns (DeleverageResult memory result) {
    DeleverageOrder calldata order = execution.order;
    IERC20 loanAsset = _requireServed(order.vault, execution.receiver, execution.deadline);
    bytes32 orderHash = _useOrder(order, execution.signature);
    _useApproval(execution);
    DeleveragePreview memory plan = _plan(order, execution.price);
    result.collateral = plan.collateral;
    result.repaid = plan.repay;
    if (execution.parts.length == 0) _buy(order, loanAsset, plan, execution.receiver);
    else _sellInPools(execution, loanAsset, plan, result);
    uint256 value = SaleMath.valueUp(plan.collateral, plan.deciding);
    uint256 cost = Math.saturatingSub(value, result.repaid + result.credit + result.refund);
    emit Rescue(order.vault, order.borrower, msg.sender, orderHash, plan.distance, cost, result);
  }

  /// @dev A signature that fails is passed over: somebody has used it already, or the vault says next that nobody let this contract in.
  function _useApproval(DeleverageExecution calldata execution) private {
    if (execution.approvalSignature.length == 0) return;
    LibCall.tryCall(
      execution.order.vault,
      0,
      gasleft(),
      0,
      abi.encodeCall(
        IVaultDeleveraging.setDeleveragerWithSig,
        (execution.order.borrower, address(this), true, execution.approvalDeadline, execution.approvalSignature)
      )
    );
  }

  /// @dev The executor pays, and gets the collateral: he is paid by the price.
  function _buy(
    DeleverageOrder calldata order,
    IERC20 loanAsset,
    DeleveragePreview memory plan,
    address receiver
  ) private {
    uint256 balanceBefore = loanAsset.balanceOf(address(this));
    loanAsset.safeTransferFrom(msg.sender, address(this), plan.repay);
    IVault(order.vault).deleverage(DeleverageParams(order.borrower, plan.collateral, plan.repay, receiver, ""));
    _surplus(loanAsset, balanceBefore, plan.repay);
  }

  /// @dev Sells into the pools. The proceeds pay the vault first, then the executor's gas, then the borrower's debt.
  function _sellInPools(
    DeleverageExecution calldata execution,
    IERC20 loanAsset,
    DeleveragePreview memory plan,
    DeleverageResult memory result
  ) private {
    DeleverageOrder calldata order = execution.order;
    _requireParts(execution.parts);
    IVault vault = IVault(order.vault);
    uint256 balanceBefore = loanAsset.balanceOf(address(this));
    Bounds memory bounds;
    bounds.anchor = plan.deciding;
    bounds.leastPrice = _lessThan(plan.deciding, Math.min(order.maxCostBps, _MAX_IMPACT_BPS), _BPS);
    (address sellsTo, bytes memory data) = _expectCallback(vault, vault.collateralAsset(), execution.parts, bounds);
    vault.deleverage(DeleverageParams(order.borrower, plan.collateral, plan.repay, sellsTo, data));

    uint256 surplus = _surplus(loanAsset, balanceBefore, plan.repay);
    result.fee = Math.min(surplus, _gasCost(vault.rewardConfig(), _RESCUE_GAS + _venuesSold * _PART_GAS));
    if (result.fee != 0) loanAsset.safeTransfer(execution.receiver, result.fee);
    uint256 debt = vault.debtOf(order.borrower);
    (result.credit, result.refund) = _giveBack(vault, loanAsset, order.borrower, debt, surplus - result.fee);
    _requireJustEnough(vault, order, plan.deciding);
  }

  /// @dev Checks that the pool stood near the oracle and its own past before the sale, and ended above its bound.
  function _requireBounds(
    address venue,
    VenueResult memory swapped,
    uint256 mean,
    Bounds memory bounds
  ) internal pure override {
    _requireNear(venue, swapped, bounds.anchor);
    if (mean != 0) _requireNear(venue, swapped, mean);
    if (swapped.priceAfter < bounds.leastPrice) revert ImpactTooHigh(venue, swapped.priceAfter, bounds.leastPrice);
  }

  /// @dev The pool stood no further from the anchor than it may, on either side: one that pays too much is in doubt as well.
  function _requireNear(address venue, VenueResult memory swapped, uint256 anchor) private pure {
    uint256 most = Math.mulDiv(anchor, _MAX_DEVIATION + swapped.fee, _WAD);
    uint256 price = swapped.priceBefore;
    uint256 gap = price > anchor ? price - anchor : anchor - price;
    if (gap > most) revert PoolOffPrice(venue, price, anchor);
  }

  /// @dev A price named far under what pools pay sells more than the target needs.
  function _requireJustEnough(IVault vault, DeleverageOrder calldata order, uint256 deciding) private view {
    uint256 debt = vault.debtOf(order.borrower);
    if (debt == 0) return;
    uint256 ltvBps = Math.saturatingSub(order.targetLtvBps, _TARGET_SLACK_BPS);
    uint256 least = SaleMath.maxDebt(vault.position(order.borrower).collateral, deciding, ltvBps);
    if (debt < least) revert SoldTooMuch(debt, least);
  }

  // ----------------------------------------------------------------------------------------------------------------- plan

  /// @inheritdoc IDeleverager
  function preview(DeleverageOrder calldata order, uint256 price) external view returns (DeleveragePreview memory) {
    _requireOpen(order, hashOrder(order));
    return _plan(order, price);
  }

  /// @inheritdoc IDeleverager
  function distance(address vault, address borrower, uint256 horizon) external view returns (uint256) {
    if (horizon > _MAX_HORIZON) revert InvalidOrder();
    uint256 collateral = IVault(vault).position(borrower).collateral;
    return _distance(vault, IVault(vault).debtOf(borrower), collateral, _freshPrice(vault), horizon);
  }

  /// @dev Whether a rescue is due, and how much it sells.
  /// @param price 0 for the least.
  function _plan(DeleverageOrder calldata order, uint256 price) private view returns (DeleveragePreview memory plan) {
    IVault vault = IVault(order.vault);
    uint256 debt = vault.debtOf(order.borrower);
    uint256 collateral = vault.position(order.borrower).collateral;
    plan.deciding = _freshPrice(order.vault);
    plan.distance = _distance(order.vault, debt, collateral, plan.deciding, order.horizon);
    if (plan.distance >= order.triggerDistance) revert NotTriggered(plan.distance, order.triggerDistance);
    plan.leastPrice = _lessThan(plan.deciding, order.maxCostBps, _BPS);
    if (price == 0) price = plan.leastPrice;
    if (price < plan.leastPrice) revert PriceTooLow(price, plan.leastPrice);

    uint256 targetDebt = SaleMath.maxDebt(collateral, plan.deciding, order.targetLtvBps);
    if (debt <= targetDebt) revert AtTarget(debt, targetDebt);
    SaleTerms memory terms;
    terms.targetLtvBps = order.targetLtvBps;
    plan.repay = SaleMath.closeAmount(debt, collateral, price, plan.deciding, terms, vault.minDebt()).repay;
    uint256 least = Math.ceilDiv(debt, _LEAST_PART);
    if (plan.repay < least) revert RescueTooSmall(plan.repay, least);
    plan.collateral = SaleMath.collateralFor(plan.repay, 0, price);
  }

  function _freshPrice(address vault) private view returns (uint256) {
    Price memory price = IOracle(IVault(vault).oracle()).price();
    if (price.state != OracleState.FRESH) revert IVaultBorrowing.OracleNotFresh();
    return price.deciding;
  }

  function _distance(
    address vault,
    uint256 debt,
    uint256 collateral,
    uint256 deciding,
    uint256 horizon
  ) private view returns (uint256) {
    uint256 deviation = RiskMath.deviation(_volatility(vault), horizon * _WAD);
    uint256 most = SaleMath.maxDebt(collateral, deciding, IVault(vault).liquidationLtvBps());
    if (debt == 0) return type(uint256).max;
    if (debt >= most) return 0;
    if (deviation == 0) return type(uint256).max;
    // Price over liquidation price is most debt over debt; above 1, so that its logarithm is not negative.
    uint256 logarithm = uint256(FixedPointMathLib.lnWad(int256(Math.mulDiv(most, _WAD, debt))));
    return (logarithm * _WAD) / deviation;
  }

  function _volatility(address vault) private view returns (uint256) {
    VolatilityFeed memory source = _feeds[vault];
    if (source.feed == address(0)) revert NoFeed(vault);
    Volatility memory volatility = IVolatilityOracle(volatilityOracle).volatility(source.feed);
    if (!volatility.isComplete || block.timestamp > uint256(volatility.updatedAt) + source.maxAge) {
      revert VolatilityUnknown(source.feed, volatility.updatedAt, volatility.isComplete);
    }
    return Math.min(volatility.perRootSecond, RiskMath.MAX_RATE);
  }
}
