// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IBackstop} from "../interfaces/IBackstop.sol";
import {ICurve} from "../interfaces/ICurve.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVaultCover} from "../interfaces/IVaultCover.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {Cooldown, Cover, CoverConfig} from "../types/Cover.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {SaleQuote, SellParams} from "../types/TakeParams.sol";

/// @title Backstop
/// @notice Buyer of last resort and first bearer of losses, for listed vaults. Shares are ERC-4626 of the loan asset.
/// @dev ASSUMPTIONS: listed vaults come from our factory and name this backstop; their oracles are sound. Cash and inventory are
/// accounted, never `balanceOf`, so that donations move nothing.
/// LIVENESS: a listed vault that can't be read counts as one with an open loss up to its cap; the governor can strike it off.
/// ROUNDING: against the one who acts; inventory counts up for those who enter and down for those who leave.
contract Backstop is ERC4626, AccessManaged, ReentrancyGuardTransient, IBackstop {
  using EnumerableSet for EnumerableSet.AddressSet;
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  uint256 private constant _MAX_VAULTS = 16;
  uint256 private constant _MAX_COOLDOWN = 90 days;
  uint256 private constant _MIN_WINDOW = 1 days;
  uint256 private constant _BPS = 10_000;
  uint256 private constant _MAX_RESALE_DISCOUNT_BPS = 2_000;
  /// @dev Virtual shares, as in the vault.
  uint8 private constant _SHARE_DECIMALS_OFFSET = 6;

  /// @inheritdoc IBackstop
  uint256 public immutable cooldownSeconds;
  /// @inheritdoc IBackstop
  uint256 public immutable windowSeconds;

  uint256 private _cash;
  EnumerableSet.AddressSet private _vaults;
  mapping(address vault => Cover) private _covers;
  mapping(address owner => Cooldown) private _cooldowns;

  constructor(
    address asset_,
    string memory name_,
    string memory symbol_,
    uint256 cooldownSeconds_,
    uint256 windowSeconds_,
    address authority_
  ) ERC20(name_, symbol_) ERC4626(IERC20(asset_)) AccessManaged(authority_) {
    if (cooldownSeconds_ == 0 || cooldownSeconds_ > _MAX_COOLDOWN || windowSeconds_ < _MIN_WINDOW) {
      revert InvalidConfig();
    }
    cooldownSeconds = cooldownSeconds_;
    windowSeconds = windowSeconds_;
  }

  // --------------------------------------------------------------------------------------------------------------- listing

  /// @inheritdoc IBackstop
  function setCover(address vault, CoverConfig calldata config) external restricted nonReentrant {
    Cover storage cover = _covers[vault];
    bool isServed = config.cap != 0 || cover.inventory != 0;
    if (isServed) {
      if (IVault(vault).asset() != asset() || IVault(vault).backstop() != address(this))
        revert VaultNotCoverable(vault);
      _requireSound(config.resale);
      _vaults.add(vault);
      if (_vaults.length() > _MAX_VAULTS) revert VaultNotCoverable(vault);
    } else {
      _vaults.remove(vault);
    }
    cover.isListed = isServed;
    cover.cap = config.cap;
    cover.resale = config.resale;
    emit CoverSet(vault, config);
  }

  function _requireSound(SaleTerms calldata terms) private pure {
    bool isSound =
      terms.startPremiumBps <= _MAX_RESALE_DISCOUNT_BPS &&
        terms.maxDiscountBps <= _MAX_RESALE_DISCOUNT_BPS &&
        terms.holdBps <= terms.maxDiscountBps &&
        terms.halfLife != 0 &&
        terms.halfLife <= terms.horizon &&
        terms.horizon <= 30 days &&
        terms.lot != 0 &&
        terms.lot <= type(uint112).max;
    if (!isSound) revert InvalidConfig();
  }

  /// @inheritdoc IBackstop
  function coverOf(address vault) external view returns (Cover memory) {
    return _covers[vault];
  }

  /// @inheritdoc IBackstop
  function coveredVaults() external view returns (address[] memory) {
    return _vaults.values();
  }

  // ------------------------------------------------------------------------------------------------------------------- buy

  /// @inheritdoc IBackstop
  function buy(
    address vault,
    address borrower,
    uint256 maxPayment
  ) external nonReentrant returns (uint256 payment, uint256 collateral) {
    Cover storage cover = _listed(vault);
    uint256 price = _buyingPrice(vault, borrower);
    uint256 budget = Math.min(maxPayment, _cash);
    uint256 maxRepay = _repayWithin(vault, borrower, price, budget);
    if (maxRepay == 0) revert ZeroAmount();

    address[] memory borrowers = new address[](1);
    borrowers[0] = borrower;
    IERC20 loan = IERC20(asset());
    loan.forceApprove(vault, budget);
    (payment, collateral) = IVault(vault).sell(SellParams(borrowers, address(this), maxRepay, price, ""));
    loan.forceApprove(vault, 0);

    _cash -= payment;
    if (cover.inventory == 0) cover.resaleClock = (block.timestamp * SaleMath.TICKS_PER_SECOND).toUint64();
    cover.inventory += collateral.toUint128();
    emit Bought(vault, borrower, payment, collateral, price);
  }

  /// @dev `deciding x (1 - D(own))`, rounded up; not before the sale is a horizon old.
  function _buyingPrice(address vault, address borrower) private view returns (uint256) {
    SaleQuote memory quote = IVault(vault).quoteTake(borrower);
    SaleTerms memory terms = IVault(vault).terms(IVault(vault).position(borrower).termsId);
    if (quote.ownSeconds < terms.horizon) revert SaleTooYoung(quote.ownSeconds, terms.horizon);
    Price memory price = _freshPrice(vault);
    int256 discount = ICurve(IVault(vault).curve()).discount(terms, quote.ownSeconds, quote.ownSeconds);
    return SaleMath.salePrice(price.deciding, price.low, discount, terms.maxDiscountBps);
  }

  /// @dev The largest legal repayment whose payment fits the budget.
  function _repayWithin(address vault, address borrower, uint256 price, uint256 budget) private view returns (uint256) {
    SaleQuote memory most = IVault(vault).quoteSell(borrower, price, type(uint256).max);
    if (most.repay + most.penalty <= budget) return most.repay;
    uint256 penaltyBps = IVault(vault).terms(IVault(vault).position(borrower).termsId).penaltyBps;
    uint256 part = (budget * _BPS) / (_BPS + penaltyBps);
    return IVault(vault).quoteSell(borrower, price, part).repay;
  }

  // ---------------------------------------------------------------------------------------------------------------- resale

  /// @inheritdoc IBackstop
  function buyInventory(
    address vault,
    uint256 collateral,
    uint256 maxPayment,
    address receiver
  ) external nonReentrant returns (uint256 payment) {
    Cover storage cover = _listed(vault);
    if (collateral == 0) revert ZeroAmount();
    if (collateral > cover.inventory) revert InsufficientInventory(collateral, cover.inventory);
    Price memory price = _freshPrice(vault);
    uint256 asked = _askedPrice(vault, cover, price);
    payment = SaleMath.valueUp(collateral, asked);
    if (payment > maxPayment) revert PaymentTooHigh(payment, maxPayment);

    SaleTerms memory resale = cover.resale;
    uint256 sold = SaleMath.valueUp(collateral, price.deciding);
    uint256 clock = SaleMath.rewind(cover.resaleClock, block.timestamp, sold, resale.horizon, resale.lot);
    cover.resaleClock = clock.toUint64();
    cover.inventory -= collateral.toUint128();
    _cash += payment;
    emit Resold(vault, msg.sender, payment, collateral, asked);
    _pull(payment);
    IERC20(IVault(vault).collateralAsset()).safeTransfer(receiver, collateral);
  }

  /// @inheritdoc IBackstop
  function resalePrice(address vault) external view nonReentrantView returns (uint256) {
    Cover storage cover = _listed(vault);
    Price memory price = IOracle(IVault(vault).oracle()).price();
    return price.state == OracleState.FRESH ? _askedPrice(vault, cover, price) : 0;
  }

  /// @dev Never under `low x (1 - maxDiscount)`; the clock as in the vault: it moves towards now with what is sold.
  function _askedPrice(address vault, Cover storage cover, Price memory price) private view returns (uint256) {
    SaleTerms memory resale = cover.resale;
    uint256 ticks = block.timestamp * SaleMath.TICKS_PER_SECOND - cover.resaleClock;
    uint256 elapsed = Math.min(ticks / SaleMath.TICKS_PER_SECOND, resale.horizon);
    int256 discount = ICurve(IVault(vault).curve()).discount(resale, elapsed, elapsed);
    return SaleMath.salePrice(price.deciding, price.low, discount, resale.maxDiscountBps);
  }

  // ----------------------------------------------------------------------------------------------------------------- losses

  /// @inheritdoc IVaultCover
  function coverLoss(uint256 loss) external nonReentrant returns (uint256 covered) {
    Cover storage cover = _listed(msg.sender);
    covered = Math.min(loss, Math.min(cover.cap, _cash));
    cover.cap -= covered.toUint128();
    _cash -= covered;
    emit LossCovered(msg.sender, loss, covered);
    IERC20(asset()).safeTransfer(msg.sender, covered);
  }

  /// @inheritdoc IBackstop
  function openLoss() public view returns (uint256 loss) {
    uint256 count = _vaults.length();
    for (uint256 i = 0; i < count; ++i) {
      address vault = _vaults.at(i);
      uint256 cap = _covers[vault].cap;
      if (cap == 0) continue;
      try IVault(vault).markdown() returns (uint256 marked) {
        loss += Math.min(marked, cap);
      } catch {
        loss += cap;
      }
    }
  }

  // -------------------------------------------------------------------------------------------------------- enter and leave

  /// @inheritdoc IBackstop
  function startCooldown(uint256 shares) external {
    uint256 opensAt = block.timestamp + cooldownSeconds;
    uint256 closesAt = opensAt + windowSeconds;
    _cooldowns[msg.sender] = Cooldown(shares.toUint128(), opensAt.toUint64(), closesAt.toUint64());
    emit CooldownStarted(msg.sender, shares, opensAt, closesAt);
  }

  /// @inheritdoc IBackstop
  function cooldownOf(address owner) external view returns (Cooldown memory) {
    return _cooldowns[owner];
  }

  /// @inheritdoc IERC4626
  function deposit(uint256 assets, address receiver) public override(ERC4626, IERC4626) nonReentrant returns (uint256) {
    return super.deposit(assets, receiver);
  }

  /// @inheritdoc IERC4626
  function mint(uint256 shares, address receiver) public override(ERC4626, IERC4626) nonReentrant returns (uint256) {
    return super.mint(shares, receiver);
  }

  /// @inheritdoc IERC4626
  function withdraw(
    uint256 assets,
    address receiver,
    address owner
  ) public override(ERC4626, IERC4626) nonReentrant returns (uint256) {
    return super.withdraw(assets, receiver, owner);
  }

  /// @inheritdoc IERC4626
  function redeem(
    uint256 shares,
    address receiver,
    address owner
  ) public override(ERC4626, IERC4626) nonReentrant returns (uint256) {
    return super.redeem(shares, receiver, owner);
  }

  /// @inheritdoc IERC4626
  /// @dev For those who leave.
  function totalAssets() public view override(ERC4626, IERC4626) returns (uint256) {
    return _cash + _inventoryValue(false);
  }

  /// @inheritdoc IERC4626
  function previewDeposit(uint256 assets) public view override(ERC4626, IERC4626) returns (uint256) {
    return Math.mulDiv(assets, totalSupply() + 10 ** _SHARE_DECIMALS_OFFSET, _fullAssets() + 1);
  }

  /// @inheritdoc IERC4626
  function previewMint(uint256 shares) public view override(ERC4626, IERC4626) returns (uint256) {
    return Math.mulDiv(shares, _fullAssets() + 1, totalSupply() + 10 ** _SHARE_DECIMALS_OFFSET, Math.Rounding.Ceil);
  }

  /// @inheritdoc IERC4626
  function maxDeposit(address) public view override(ERC4626, IERC4626) returns (uint256) {
    return _canPriceInventory() ? type(uint256).max : 0;
  }

  /// @inheritdoc IERC4626
  function maxMint(address) public view override(ERC4626, IERC4626) returns (uint256) {
    return _canPriceInventory() ? type(uint256).max : 0;
  }

  /// @inheritdoc IERC4626
  function maxRedeem(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
    Cooldown memory cooldown = _cooldowns[owner];
    if (block.timestamp < cooldown.opensAt || block.timestamp > cooldown.closesAt || openLoss() != 0) return 0;
    uint256 shares = Math.min(cooldown.shares, balanceOf(owner));
    return Math.min(shares, _convertToShares(_cash, Math.Rounding.Floor));
  }

  /// @inheritdoc IERC4626
  function maxWithdraw(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
    return Math.min(_cash, _convertToAssets(maxRedeem(owner), Math.Rounding.Floor));
  }

  function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override {
    if (assets == 0 || shares == 0) revert ZeroAmount();
    _cash += assets;
    _mint(receiver, shares);
    emit Deposit(caller, receiver, assets, shares);
    _pull(assets);
  }

  function _withdraw(
    address caller,
    address receiver,
    address owner,
    uint256 assets,
    uint256 shares
  ) internal override {
    if (assets == 0 || shares == 0) revert ZeroAmount();
    _cash -= assets;
    _cooldowns[owner].shares -= shares.toUint128();
    super._withdraw(caller, receiver, owner, assets, shares);
  }

  function _decimalsOffset() internal pure override returns (uint8) {
    return _SHARE_DECIMALS_OFFSET;
  }

  // ---------------------------------------------------------------------------------------------------------------- helpers

  function _fullAssets() private view returns (uint256) {
    return _cash + _inventoryValue(true);
  }

  /// @dev On the higher price, rounded up, or on the lower one less the largest resale discount, rounded down. Where an oracle is
  /// not FRESH the inventory counts nothing for those who leave, and those who enter wait.
  function _inventoryValue(bool isFull) private view returns (uint256 value) {
    uint256 count = _vaults.length();
    for (uint256 i = 0; i < count; ++i) {
      address vault = _vaults.at(i);
      uint256 inventory = _covers[vault].inventory;
      if (inventory == 0) continue;
      Price memory price = IOracle(IVault(vault).oracle()).price();
      if (price.state != OracleState.FRESH) {
        if (isFull) revert OracleNotFresh();
        continue;
      }
      uint256 floorBps = _BPS - _covers[vault].resale.maxDiscountBps;
      value +=
        isFull ? SaleMath.valueUp(inventory, price.high) : (SaleMath.value(inventory, price.low) * floorBps) / _BPS;
    }
  }

  function _canPriceInventory() private view returns (bool) {
    uint256 count = _vaults.length();
    for (uint256 i = 0; i < count; ++i) {
      address vault = _vaults.at(i);
      if (_covers[vault].inventory == 0) continue;
      if (IOracle(IVault(vault).oracle()).price().state != OracleState.FRESH) return false;
    }
    return true;
  }

  function _listed(address vault) private view returns (Cover storage cover) {
    cover = _covers[vault];
    if (!cover.isListed) revert VaultNotListed(vault);
  }

  function _freshPrice(address vault) private view returns (Price memory price) {
    price = IOracle(IVault(vault).oracle()).price();
    if (price.state != OracleState.FRESH) revert OracleNotFresh();
  }

  /// @dev The cash already counts the payment.
  function _pull(uint256 assets) private {
    IERC20 loan = IERC20(asset());
    loan.safeTransferFrom(msg.sender, address(this), assets);
    uint256 balance = loan.balanceOf(address(this));
    if (balance < _cash) revert InsufficientReceived(balance, _cash);
  }
}
