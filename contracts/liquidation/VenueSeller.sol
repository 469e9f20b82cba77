// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {IVenue} from "../interfaces/IVenue.sol";
import {IVenueSeller} from "../interfaces/IVenueSeller.sol";
import {GasGuard} from "../libraries/GasGuard.sol";
import {SalePart} from "../types/DirectSale.sol";
import {RewardConfig} from "../types/VaultConfig.sol";
import {VenueResult} from "../types/VenueResult.sol";
import {StandingAllowances} from "./StandingAllowances.sol";

/// @title VenueSeller
/// @notice What all who sell a vault's collateral into pools share: the listed venues, the sale inside the vault's callback and
/// its bounds, and what becomes of the rest.
/// @dev ASSUMPTIONS: the factory's vaults run the vault's code; listed venues are ours, so that what they say of their pool is
/// true. CUSTODY: nothing stays here but refunds that their token did not deliver. Within a sale venues are believed what they
/// say they brought; what it leaves is counted in differences of balances, and what lay here before is never less after it.
/// Collateral that one venue sells alone goes straight to it. What parts are sold for never passes anybody's calldata but a listed
/// venue's. LIVENESS: a borrower who can't be sent a refund stops nothing. ROUNDING: bounds against the sale.
abstract contract VenueSeller is IVenueSeller, AccessManaged, StandingAllowances {
  using SafeERC20 for IERC20;

  uint256 internal constant _WAD = 1e18;
  uint256 internal constant _BPS = 10_000;
  /// @dev Gas of each part of a sale, for who sends it.
  uint256 internal constant _PART_GAS = 110_000;
  /// @dev Gas that a refund may use, and what must be left beside it so that it can be kept where that fails.
  uint256 private constant _REFUND_GAS = 150_000;
  uint256 private constant _REFUND_MARGIN = 60_000;

  /// @dev What `onTake` is told through the vault, 1e36 scale.
  /// @param anchor Price that pools are held against: the oracle's, or the reference venue's mean.
  /// @param leastPrice Least price of a pool after the sale.
  /// @param leastBefore Least price of a pool before the sale; 0 for any.
  /// @param impact What the sale may move a pool by, WAD; 0 where that is not bounded by itself.
  /// @param referenceVenue Venue whose mean is the anchor; the zero address where there is none.
  /// @param oracle Oracle whose price may be followed down; unused where `fallWindow` is 0.
  /// @param deciding Its deciding price.
  /// @param fallWindow Seconds over which the market's fall lowers `leastPrice`; 0 where it does not.
  /// @param maxDiscountBps Most that it lowers it by, bps.
  struct Bounds {
    uint256 anchor;
    uint256 leastPrice;
    uint256 leastBefore;
    uint256 impact;
    address referenceVenue;
    address oracle;
    uint256 deciding;
    uint256 fallWindow;
    uint256 maxDiscountBps;
  }

  /// @inheritdoc IVenueSeller
  mapping(address venue => bool) public isVenueListed;
  /// @inheritdoc IVenueSeller
  mapping(address token => mapping(address account => uint256)) public refundOf;

  /// @dev The only one who may call `onTake`, once. A whole word: that is written without being read first.
  uint256 private transient _servedVault;
  /// @dev In how many venues something was sold.
  uint256 internal transient _venuesSold;

  constructor(address vaultFactory_, address authority_) AccessManaged(authority_) StandingAllowances(vaultFactory_) {}

  /// @inheritdoc IVenueSeller
  function setVenueListed(address venue, bool listed) external restricted {
    isVenueListed[venue] = listed;
    emit VenueListed(venue, listed);
  }

  // --------------------------------------------------------------------------------------------------------------- checks

  /// @return asset Loan asset of the vault.
  function _requireServed(address vault, address receiver, uint256 deadline) internal returns (IERC20 asset) {
    if (block.timestamp > deadline) revert IVaultSales.DeadlinePassed(deadline);
    asset = IERC20(_assetOf(vault));
    if (receiver == address(0) || receiver == address(this)) revert InvalidReceiver(receiver);
  }

  function _requireParts(SalePart[] calldata parts) internal view {
    uint256 sum;
    for (uint256 i = 0; i < parts.length; ++i) {
      address venue = parts[i].venue;
      if (!isVenueListed[venue]) revert VenueNotListed(venue);
      for (uint256 j = 0; j < i; ++j) {
        if (parts[j].venue == venue) revert VenueTwice(venue);
      }
      sum += parts[i].share;
    }
    if (sum != _WAD) revert InvalidShares(sum);
  }

  /// @dev The oracle's price less a loss, rounded up.
  function _lessThan(uint256 deciding, uint256 loss, uint256 one) internal pure returns (uint256) {
    return Math.mulDiv(deciding, one - loss, one, Math.Rounding.Ceil);
  }

  // ----------------------------------------------------------------------------------------------------------------- sale

  /// @dev Expects the vault's callback. What is read must be read before: the vault shows nothing while it calls back.
  /// @return receiver Whom the vault must send the collateral to.
  /// @return data To pass to the vault.
  function _expectCallback(
    IVault vault,
    address collateralAsset,
    SalePart[] calldata parts,
    Bounds memory bounds
  ) internal returns (address receiver, bytes memory data) {
    _servedVault = uint160(address(vault));
    receiver = address(this);
    uint256 held;
    if (parts.length == 1) receiver = parts[0].venue;
    else held = IERC20(collateralAsset).balanceOf(address(this));
    data = abi.encode(collateralAsset, held, parts, bounds);
  }

  /// @inheritdoc ITakeCallback
  function onTake(uint256 payment, uint256 collateral, bytes calldata data) external returns (bytes4) {
    if (uint160(msg.sender) != _servedVault) revert UnexpectedCallback(msg.sender);
    _servedVault = 0;
    (address collateralAsset, uint256 held, SalePart[] memory parts, Bounds memory bounds) = abi.decode(
      data,
      (address, uint256, SalePart[], Bounds)
    );
    uint256 proceeds;
    if (parts.length == 1) {
      _venuesSold = 1;
      proceeds = _sellTo(parts[0].venue, collateralAsset, collateral, bounds);
    } else {
      collateral = IERC20(collateralAsset).balanceOf(address(this)) - held;
      proceeds = _sellParts(collateralAsset, collateral, parts, bounds);
    }
    if (proceeds < payment) revert ProceedsTooLow(proceeds, payment);
    return ITakeCallback.onTake.selector;
  }

  /// @param collateral Lies here, collateral units.
  /// @return proceeds As the venues say, loan units.
  function _sellParts(
    address collateralAsset,
    uint256 collateral,
    SalePart[] memory parts,
    Bounds memory bounds
  ) private returns (uint256 proceeds) {
    uint256 left = collateral;
    uint256 sold;
    for (uint256 i = 0; i < parts.length; ++i) {
      address venue = parts[i].venue;
      uint256 amount = i + 1 == parts.length ? left : Math.mulDiv(collateral, parts[i].share, _WAD);
      left -= amount;
      if (amount == 0) continue;
      ++sold;
      IERC20(collateralAsset).safeTransfer(venue, amount);
      proceeds += _sellTo(venue, collateralAsset, amount, bounds);
    }
    _venuesSold = sold;
  }

  /// @param amount Lies at the venue, collateral units.
  /// @return proceeds As the venue says, loan units.
  function _sellTo(
    address venue,
    address collateralAsset,
    uint256 amount,
    Bounds memory bounds
  ) private returns (uint256 proceeds) {
    uint256 mean = bounds.anchor;
    if (venue != bounds.referenceVenue) mean = IVenue(venue).meanPrice(collateralAsset);
    VenueResult memory swapped = IVenue(venue).swap(collateralAsset, amount, address(this));
    _requireBounds(venue, swapped, mean, bounds);
    return swapped.amountOut;
  }

  /// @dev What lies here above what did before a sale, loan units. A token that brought less than the venues say, or took more
  /// than it was told, would be paid with others' refunds.
  function _surplus(IERC20 loanAsset, uint256 balanceBefore, uint256 payment) internal view returns (uint256) {
    uint256 balance = loanAsset.balanceOf(address(this));
    if (balance < balanceBefore) revert ProceedsTooLow(Math.saturatingSub(payment, balanceBefore - balance), payment);
    return balance - balanceBefore;
  }

  /// @dev Whether a pool stood and ended where it may.
  /// @param mean Mean price of the pool itself, before the sale; 0 where it keeps none.
  /// @param bounds What was found out for one part may be written into them for those that follow.
  function _requireBounds(
    address venue,
    VenueResult memory swapped,
    uint256 mean,
    Bounds memory bounds
  ) internal view virtual;

  // --------------------------------------------------------------------------------------------------- what is left over

  /// @dev What gas costs, at most the cap of a start's reward, loan units, rounded down.
  /// @param config The vault's, read once however often it is asked.
  function _gasCost(RewardConfig memory config, uint256 gas) internal view returns (uint256) {
    uint256 cost = (gas * block.basefee * config.nativePrice) / _WAD;
    return Math.min(config.cap, cost);
  }

  /// @dev Gives the rest to the borrower's debt as far as the vault lets it fall, and to the borrower.
  /// @param debt The borrower's debt now, loan units.
  function _giveBack(
    IVault vault,
    IERC20 loanAsset,
    address borrower,
    uint256 debt,
    uint256 rest
  ) internal returns (uint256 credit, uint256 refund) {
    if (rest == 0) return (0, 0);
    // The vault lets a debt fall to 0 or to `minDebt`, and takes no more than that; of one that nothing stands behind it takes all:
    // while bad debt stays its borrower gets nothing.
    if (debt != 0) credit = vault.repay(rest, borrower);
    refund = rest - credit;
    if (refund != 0) _refund(loanAsset, borrower, refund);
  }

  /// @dev Kept for the account where the token does not deliver: its block list is no reason to stop a sale.
  function _refund(IERC20 token, address account, uint256 amount) private {
    GasGuard.requireGas(_REFUND_GAS, _REFUND_MARGIN);
    (bool success, , bytes memory answer) = LibCall.tryCall(
      address(token),
      0,
      _REFUND_GAS,
      32,
      abi.encodeCall(IERC20.transfer, (account, amount))
    );
    if (success && (answer.length == 0 || (answer.length == 32 && abi.decode(answer, (uint256)) == 1))) return;
    // solhint-disable-next-line reentrancy
    refundOf[address(token)][account] += amount;
    emit RefundKept(address(token), account, amount);
  }

  /// @inheritdoc IVenueSeller
  function claimRefund(address token, address receiver) external nonReentrant returns (uint256 amount) {
    amount = refundOf[token][msg.sender];
    if (amount == 0) revert NoRefund(token, msg.sender);
    refundOf[token][msg.sender] = 0;
    emit RefundClaimed(token, msg.sender, receiver, amount);
    IERC20(token).safeTransfer(receiver, amount);
  }
}
