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
import {IVaultBorrowing} from "../interfaces/IVaultBorrowing.sol";
import {IVaultCover} from "../interfaces/IVaultCover.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {GasGuard} from "../libraries/GasGuard.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {TokenMoves} from "../libraries/TokenMoves.sol";
import {Cooldown, Cover, CoverConfig} from "../types/Cover.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {SaleQuote, SellParams} from "../types/TakeParams.sol";
import {Totals} from "../types/Totals.sol";

/// @title Backstop
/// @notice Buyer of last resort and first bearer of losses, for listed vaults. Shares are ERC-4626 of the loan asset.
/// @dev ASSUMPTIONS: listed vaults come from our factory and name this backstop; their oracles are sound. Cash and inventory are
/// accounted, never `balanceOf`, so that donations move nothing.
/// LIVENESS: a listed vault that can't be read counts as one with an open loss up to its cap; the governor can strike it off. An
/// oracle that can't be read counts as STALE: nobody enters while it prices inventory, and the governor can remove that.
/// ROUNDING: against the one who acts; inventory counts up for those who enter and down for those who leave.
/// WIPE-OUT: once a share is worth less than a millionth of what the first one cost, the next deposit voids all shares and begins
/// anew: `balanceOf` of those who held them becomes 0.
contract Backstop is ERC4626, AccessManaged, ReentrancyGuardTransient, IBackstop {
  using EnumerableSet for EnumerableSet.AddressSet;
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  uint256 private constant _MAX_VAULTS = 16;
  uint256 private constant _MAX_COOLDOWN = 90 days;
  uint256 private constant _MIN_WINDOW = 1 days;
  uint256 private constant _BPS = 10_000;
  uint256 private constant _MAX_RESALE_DISCOUNT_BPS = 2_000;
  /// @dev So long a price in doubt keeps exits closed; a doubt that nobody has noted for longer than the second begins anew.
  uint256 private constant _LONGEST_DOUBT = 7 days;
  uint256 private constant _DOUBT_MEMORY = 8 days;
  /// @dev Gas that an oracle may need for an answer: nobody may starve it and call it dead.
  uint256 private constant _ORACLE_GAS = 2_000_000;
  /// @dev Virtual shares, as in the vault.
  uint8 private constant _SHARE_DECIMALS_OFFSET = 6;
  uint256 private constant _VIRTUAL_SHARES = 10 ** _SHARE_DECIMALS_OFFSET;
  /// @dev A share worth less than this part of the first one's price is void.
  uint256 private constant _VOID_DIVISOR = 1e6;
  /// @dev Most cash and inventory that deposits may make, loan units: shares then fit a cooldown's 160 bits.
  uint256 private constant _MAX_ASSETS = type(uint112).max;

  /// @inheritdoc IBackstop
  uint256 public immutable cooldownSeconds;
  /// @inheritdoc IBackstop
  uint256 public immutable windowSeconds;

  uint256 private _cash;
  /// @dev Sums over the covers.
  uint256 private _totalCost;
  uint256 private _totalOwed;
  /// @dev Shares of earlier generations are void; so many of them are not burnt yet.
  uint256 private _generation;
  uint256 private _voidShares;
  mapping(address owner => uint256) private _generationOf;
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
      revert InvalidCover();
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
      _requireSound(IVault(vault), config.resale);
      _vaults.add(vault);
      if (_vaults.length() > _MAX_VAULTS) revert VaultNotCoverable(vault);
    } else {
      _vaults.remove(vault);
      _totalOwed -= cover.owed;
      cover.owed = 0;
    }
    cover.isListed = isServed;
    cover.cap = config.cap;
    cover.resale = config.resale;
    emit CoverSet(vault, config);
  }

  /// @dev A resale is never as deep as what the backstop buys at.
  function _requireSound(IVault vault, SaleTerms calldata terms) private view {
    SaleTerms memory sale = vault.terms(vault.params().termsId);
    int256 bought = ICurve(vault.curve()).discount(sale, sale.horizon, sale.horizon);
    bool isSound =
      bought >= _maxDiscount(terms.maxDiscountBps) &&
        terms.startPremiumBps <= _MAX_RESALE_DISCOUNT_BPS &&
        terms.maxDiscountBps <= _MAX_RESALE_DISCOUNT_BPS &&
        terms.holdBps <= terms.maxDiscountBps &&
        terms.halfLife != 0 &&
        terms.halfLife <= terms.horizon &&
        terms.horizon <= 30 days &&
        terms.lot != 0 &&
        terms.lot <= type(uint112).max;
    if (!isSound) revert InvalidCover();
  }

  function _maxDiscount(uint256 maxDiscountBps) private pure returns (int256) {
    return int256((maxDiscountBps * SaleMath.WAD) / _BPS);
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
    uint256 budget = Math.min(maxPayment, _buyingPower(cover, vault, borrower));
    uint256 maxRepay = _repayWithin(vault, borrower, price, budget);
    if (maxRepay == 0) revert IVaultBorrowing.ZeroAmount();

    address[] memory borrowers = new address[](1);
    borrowers[0] = borrower;
    IERC20 loan = IERC20(asset());
    loan.forceApprove(vault, budget);
    (payment, collateral) = IVault(vault).sell(SellParams(borrowers, address(this), maxRepay, price, ""));
    loan.forceApprove(vault, 0);

    _cash -= payment;
    _totalCost += payment;
    cover.cost += payment.toUint128();
    cover.resaleClock = _mixedClock(cover, collateral).toUint64();
    cover.inventory += collateral.toUint128();
    emit Bought(vault, borrower, payment, collateral, price);
  }

  /// @dev Cash that no other sale's open loss may need, up to the cap on what this vault's inventory costs.
  function _buyingPower(Cover storage cover, address vault, address borrower) private view returns (uint256) {
    uint256 spare = Math.saturatingSub(_cash, _openLossBeside(vault, borrower));
    return Math.min(spare, Math.saturatingSub(cover.cap, cover.cost));
  }

  /// @dev The mean, by collateral, of what is held, at most a horizon old, and of what is bought now. Ages are rounded down.
  function _mixedClock(Cover storage cover, uint256 bought) private view returns (uint256) {
    uint256 held = cover.inventory;
    uint256 timestamp = block.timestamp * SaleMath.TICKS_PER_SECOND;
    uint256 age = Math.min(timestamp - cover.resaleClock, cover.resale.horizon * SaleMath.TICKS_PER_SECOND);
    return timestamp - (age * held) / (held + bought);
  }

  /// @dev `deciding x (1 - D(own))`, rounded up; not before the sale is a horizon old.
  function _buyingPrice(address vault, address borrower) private view returns (uint256) {
    SaleQuote memory quote = IVault(vault).quoteTake(borrower);
    SaleTerms memory terms = IVault(vault).terms(IVault(vault).position(borrower).termsId);
    if (quote.liveSeconds < terms.horizon) revert SaleTooYoung(quote.liveSeconds, terms.horizon);
    Price memory price = _freshPrice(vault);
    int256 discount = ICurve(IVault(vault).curve()).discount(terms, quote.ownSeconds, quote.ownSeconds);
    int256 deepest = _maxDiscount(_covers[vault].resale.maxDiscountBps);
    if (discount < deepest) revert ResaleTooDeep(discount, deepest);
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
    if (collateral == 0) revert IVaultBorrowing.ZeroAmount();
    if (collateral > cover.inventory) revert InsufficientInventory(collateral, cover.inventory);
    Price memory price = _resalePriceOf(vault, cover);
    if (price.state != OracleState.FRESH) revert IVaultBorrowing.OracleNotFresh();
    uint256 asked = _askedPrice(vault, cover, price);
    payment = SaleMath.valueUp(collateral, asked);
    if (payment > maxPayment) revert IVaultSales.PaymentTooHigh(payment, maxPayment);

    SaleTerms memory resale = cover.resale;
    uint256 sold = SaleMath.valueUp(collateral, price.deciding);
    uint256 clock = SaleMath.rewind(cover.resaleClock, block.timestamp, sold, resale.horizon, resale.lot);
    cover.resaleClock = clock.toUint64();
    _take(cover, collateral);
    _cash += payment;
    emit Resold(vault, msg.sender, payment, collateral, asked);
    _pull(payment);
    IERC20(IVault(vault).collateralAsset()).safeTransfer(receiver, collateral);
  }

  /// @inheritdoc IBackstop
  function resalePrice(address vault) external view nonReentrantView returns (uint256) {
    Cover storage cover = _listed(vault);
    Price memory price = _resalePriceOf(vault, cover);
    return price.state == OracleState.FRESH ? _askedPrice(vault, cover, price) : 0;
  }

  /// @dev Never under `low x (1 - maxDiscount)`; the clock as in the vault: it moves towards now with what is sold, and restarts
  /// with the oracle.
  function _askedPrice(address vault, Cover storage cover, Price memory price) private view returns (uint256) {
    SaleTerms memory resale = cover.resale;
    uint256 ticks = block.timestamp * SaleMath.TICKS_PER_SECOND - cover.resaleClock;
    uint256 alive = Math.saturatingSub(block.timestamp, price.liveSince);
    uint256 elapsed = Math.min(Math.min(ticks / SaleMath.TICKS_PER_SECOND, alive), resale.horizon);
    int256 discount = ICurve(IVault(vault).curve()).discount(resale, elapsed, elapsed);
    return SaleMath.salePrice(price.deciding, price.low, discount, resale.maxDiscountBps);
  }

  /// @dev With interruptions as far back as the resale's clock counts.
  function _resalePriceOf(address vault, Cover storage cover) private view returns (Price memory) {
    uint256 since = Math.max(cover.resaleClock / SaleMath.TICKS_PER_SECOND, block.timestamp - cover.resale.horizon);
    return IOracle(IVault(vault).oracle()).priceSince(since);
  }

  /// @dev Takes collateral out of the inventory, and its part of the cost, rounded up.
  function _take(Cover storage cover, uint256 collateral) private {
    uint256 inventory = cover.inventory;
    uint256 cost = Math.mulDiv(cover.cost, collateral, inventory, Math.Rounding.Ceil);
    cover.inventory = (inventory - collateral).toUint128();
    cover.cost -= cost.toUint128();
    _totalCost -= cost;
  }

  /// @inheritdoc IBackstop
  function removeInventory(address vault, uint256 collateral, address receiver) external restricted nonReentrant {
    Cover storage cover = _listed(vault);
    if (collateral == 0) revert IVaultBorrowing.ZeroAmount();
    if (collateral > cover.inventory) revert InsufficientInventory(collateral, cover.inventory);
    bool isHandedOut = receiver != address(0);
    if (isHandedOut && _priceOf(vault).state == OracleState.FRESH) revert InventoryIsForSale(vault);
    _take(cover, collateral);
    emit InventoryRemoved(vault, receiver, collateral);
    if (isHandedOut) IERC20(IVault(vault).collateralAsset()).safeTransfer(receiver, collateral);
  }

  // ----------------------------------------------------------------------------------------------------------------- losses

  /// @inheritdoc IVaultCover
  function coverLoss(uint256 loss, uint256 waiting) external nonReentrant returns (uint256 covered, uint256 owed) {
    Cover storage cover = _listed(msg.sender);
    covered = Math.min(loss, Math.min(cover.cap, _cash));
    cover.cap -= covered.toUint128();
    _cash -= covered;
    // Inventory of any vault may pay, each unit of its cost for one loss.
    uint256 others = _totalOwed - cover.owed + waiting;
    uint256 free = Math.min(Math.saturatingSub(cover.cap, waiting), Math.saturatingSub(_totalCost, others));
    owed = Math.min(loss - covered, free);
    cover.owed = (waiting + owed).toUint128();
    _totalOwed = others + owed;
    emit LossCovered(msg.sender, loss, covered);
    if (covered != 0) IERC20(asset()).safeTransfer(msg.sender, covered);
  }

  /// @inheritdoc IVaultCover
  function surrender(uint256 loss) external nonReentrant returns (uint256 collateral) {
    Cover storage cover = _listed(msg.sender);
    uint256 paid = Math.min(loss, cover.cost);
    uint256 settled = Math.min(loss, cover.owed);
    cover.owed -= settled.toUint128();
    _totalOwed -= settled;
    cover.cap -= Math.min(paid, cover.cap).toUint128();
    if (paid == 0) return 0;
    collateral = Math.mulDiv(cover.inventory, paid, cover.cost, Math.Rounding.Ceil);
    _take(cover, collateral);
    emit InventoryRemoved(msg.sender, msg.sender, collateral);
    IERC20(IVault(msg.sender).collateralAsset()).safeTransfer(msg.sender, collateral);
  }

  /// @inheritdoc IBackstop
  function openLoss() public view returns (uint256) {
    return _openLossBeside(address(0), address(0));
  }

  /// @dev Without the mark of one borrower of one vault.
  function _openLossBeside(address besideVault, address borrower) private view returns (uint256 loss) {
    uint256 count = _vaults.length();
    for (uint256 i = 0; i < count; ++i) {
      address vault = _vaults.at(i);
      uint256 cap = _covers[vault].cap;
      if (cap == 0) continue;
      try IVault(vault).markdown() returns (uint256 marked) {
        if (vault == besideVault) marked = Math.saturatingSub(marked, IVault(vault).markOf(borrower));
        loss += Math.min(marked, cap);
      } catch {
        loss += cap;
      }
    }
  }

  // ------------------------------------------------------------------------------------------------------------------ doubt

  /// @inheritdoc IBackstop
  function inDoubt() public view returns (bool) {
    uint256 count = _vaults.length();
    for (uint256 i = 0; i < count; ++i) {
      address vault = _vaults.at(i);
      Cover storage cover = _covers[vault];
      bool isLong =
        block.timestamp >= cover.doubtSince + _LONGEST_DOUBT && block.timestamp <= cover.doubtSeen + _DOUBT_MEMORY;
      if (!isLong && _isInDoubt(vault)) return true;
    }
    return false;
  }

  /// @inheritdoc IBackstop
  function noteDoubt(address vault) external nonReentrant {
    Cover storage cover = _listed(vault);
    if (gasleft() < _ORACLE_GAS) revert GasGuard.InsufficientGas(gasleft(), _ORACLE_GAS);
    uint48 timestamp = block.timestamp.toUint48();
    if (!_isInDoubt(vault)) {
      (cover.doubtSince, cover.doubtSeen) = (0, 0);
      return;
    }
    if (block.timestamp > cover.doubtSeen + _DOUBT_MEMORY) cover.doubtSince = timestamp;
    cover.doubtSeen = timestamp;
  }

  /// @dev A price that is not FRESH writes no marks: a loss of a live sale would not show. The vault keeps no count of live
  /// sales; but each sale operation notes how long the oracle is alive. Where there was none for longer than a doubt lasts, or
  /// ever, no sale matters.
  function _isInDoubt(address vault) private view returns (bool) {
    if (_covers[vault].cap == 0) return false;
    Price memory price = _priceOf(vault);
    if (price.state == OracleState.FRESH) return false;
    try IVault(vault).totals() returns (Totals memory totals) {
      if (totals.scaledDebt == 0) return false;
      // An oracle that never says how long it is alive leaves the debt alone to go by.
      if (totals.oracleAliveUntil == 0) return price.aliveUntil == 0;
      return block.timestamp <= totals.oracleAliveUntil + _LONGEST_DOUBT;
    } catch {
      return true;
    }
  }

  // -------------------------------------------------------------------------------------------------------- enter and leave

  /// @inheritdoc IBackstop
  function startCooldown(uint256 shares) external nonReentrant {
    shares = Math.min(shares, balanceOf(msg.sender));
    uint256 opensAt = block.timestamp + cooldownSeconds;
    uint256 closesAt = opensAt + windowSeconds;
    _cooldowns[msg.sender] = Cooldown(shares.toUint160(), opensAt.toUint48(), closesAt.toUint48());
    emit CooldownStarted(msg.sender, shares, opensAt, closesAt);
  }

  /// @inheritdoc IBackstop
  function lockedOf(address owner) public view returns (uint256) {
    Cooldown memory cooldown = _cooldowns[owner];
    return block.timestamp > cooldown.closesAt || _isVoid(owner) ? 0 : cooldown.shares;
  }

  /// @inheritdoc IBackstop
  function cooldownOf(address owner) external view returns (Cooldown memory) {
    return _cooldowns[owner];
  }

  /// @inheritdoc IERC4626
  function deposit(uint256 assets, address receiver) public override(ERC4626, IERC4626) nonReentrant returns (uint256) {
    _beginAnewIfWorthless();
    return super.deposit(assets, receiver);
  }

  /// @inheritdoc IERC4626
  function mint(uint256 shares, address receiver) public override(ERC4626, IERC4626) nonReentrant returns (uint256) {
    _beginAnewIfWorthless();
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
    uint256 full = _fullAssets();
    return Math.mulDiv(assets, _sharesBefore(full) + _VIRTUAL_SHARES, full + 1);
  }

  /// @inheritdoc IERC4626
  function previewMint(uint256 shares) public view override(ERC4626, IERC4626) returns (uint256) {
    uint256 full = _fullAssets();
    return Math.mulDiv(shares, full + 1, _sharesBefore(full) + _VIRTUAL_SHARES, Math.Rounding.Ceil);
  }

  /// @inheritdoc IERC4626
  function maxDeposit(address) public view override(ERC4626, IERC4626) returns (uint256) {
    return _canPriceInventory() ? Math.saturatingSub(_MAX_ASSETS, _fullAssets()) : 0;
  }

  /// @inheritdoc IERC4626
  function maxMint(address receiver) public view override(ERC4626, IERC4626) returns (uint256) {
    uint256 assets = maxDeposit(receiver);
    return assets == 0 ? 0 : previewDeposit(assets);
  }

  /// @inheritdoc IERC4626
  function maxRedeem(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
    if (block.timestamp < _cooldowns[owner].opensAt || openLoss() != 0 || inDoubt()) return 0;
    uint256 assets = totalAssets();
    uint256 shares = Math.min(lockedOf(owner), _sharesDown(_cash, assets));
    return _assetsDown(shares, assets) == 0 ? 0 : shares;
  }

  function _sharesDown(uint256 assets, uint256 claims) private view returns (uint256) {
    return Math.mulDiv(assets, totalSupply() + _VIRTUAL_SHARES, claims + 1);
  }

  function _assetsDown(uint256 shares, uint256 claims) private view returns (uint256) {
    return Math.mulDiv(shares, claims + 1, totalSupply() + _VIRTUAL_SHARES);
  }

  /// @inheritdoc IERC4626
  function maxWithdraw(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
    return Math.min(_cash, _convertToAssets(maxRedeem(owner), Math.Rounding.Floor));
  }

  function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override {
    if (assets == 0 || shares == 0) revert IVaultBorrowing.ZeroAmount();
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
    if (assets == 0 || shares == 0) revert IVaultBorrowing.ZeroAmount();
    _cash -= assets;
    _cooldowns[owner].shares -= shares.toUint160();
    super._withdraw(caller, receiver, owner, assets, shares);
  }

  function _decimalsOffset() internal pure override returns (uint8) {
    return _SHARE_DECIMALS_OFFSET;
  }

  // ------------------------------------------------------------------------------------------------------------ generations

  /// @inheritdoc IERC20
  /// @dev Shares of an earlier generation are void.
  function balanceOf(address account) public view override(ERC20, IERC20) returns (uint256) {
    return _isVoid(account) ? 0 : super.balanceOf(account);
  }

  /// @inheritdoc IERC20
  function totalSupply() public view override(ERC20, IERC20) returns (uint256) {
    return super.totalSupply() - _voidShares;
  }

  /// @dev Locked shares stay: those that leave come out of the lock first.
  function _update(address from, address to, uint256 shares) internal override {
    _burnVoid(from);
    _burnVoid(to);
    if (from != address(0)) {
      uint256 locked = lockedOf(from);
      uint256 balance = balanceOf(from);
      if (shares <= balance && balance - shares < locked) revert SharesLocked(from, locked);
    }
    super._update(from, to, shares);
  }

  function _isVoid(address account) private view returns (bool) {
    return _generationOf[account] != _generation;
  }

  function _burnVoid(address account) private {
    if (account == address(0) || !_isVoid(account)) return;
    uint256 shares = super.balanceOf(account);
    _generationOf[account] = _generation;
    delete _cooldowns[account];
    if (shares == 0) return;
    _voidShares -= shares;
    super._update(account, address(0), shares);
  }

  function _beginAnewIfWorthless() private {
    if (!_canPriceInventory()) return;
    uint256 shares = totalSupply();
    if (_sharesBefore(_fullAssets()) == shares) return;
    _voidShares += shares;
    _generation += 1;
    emit SharesVoided(_generation, shares);
  }

  /// @dev Shares beside which a deposit would enter: none where they are worthless. The first share cost a unit of assets for
  /// `_VIRTUAL_SHARES`.
  function _sharesBefore(uint256 full) private view returns (uint256 shares) {
    shares = totalSupply();
    if ((full + 1) * _VIRTUAL_SHARES * _VOID_DIVISOR < shares + _VIRTUAL_SHARES) return 0;
  }

  // ---------------------------------------------------------------------------------------------------------------- helpers

  function _fullAssets() private view returns (uint256) {
    return _cash + _inventoryValue(true);
  }

  /// @dev For those who enter on the higher price, rounded up; they wait where an oracle is not FRESH. For those who leave on the
  /// lower one less the largest resale discount, rounded down, and at most at its cost; where an oracle is not FRESH it counts
  /// nothing.
  function _inventoryValue(bool isFull) private view returns (uint256 value) {
    uint256 count = _vaults.length();
    for (uint256 i = 0; i < count; ++i) {
      address vault = _vaults.at(i);
      uint256 inventory = _covers[vault].inventory;
      if (inventory == 0) continue;
      Price memory price = _priceOf(vault);
      if (price.state != OracleState.FRESH) {
        if (isFull) revert IVaultBorrowing.OracleNotFresh();
        continue;
      }
      if (isFull) {
        value += SaleMath.valueUp(inventory, price.high);
      } else {
        uint256 floorBps = _BPS - _covers[vault].resale.maxDiscountBps;
        value += Math.min(_covers[vault].cost, (SaleMath.value(inventory, price.low) * floorBps) / _BPS);
      }
    }
  }

  function _canPriceInventory() private view returns (bool) {
    uint256 count = _vaults.length();
    for (uint256 i = 0; i < count; ++i) {
      address vault = _vaults.at(i);
      if (_covers[vault].inventory == 0) continue;
      if (_priceOf(vault).state != OracleState.FRESH) return false;
    }
    return true;
  }

  function _listed(address vault) private view returns (Cover storage cover) {
    cover = _covers[vault];
    if (!cover.isListed) revert VaultNotListed(vault);
  }

  function _freshPrice(address vault) private view returns (Price memory price) {
    price = _priceOf(vault);
    if (price.state != OracleState.FRESH) revert IVaultBorrowing.OracleNotFresh();
  }

  /// @dev An oracle that reverts is STALE.
  function _priceOf(address vault) private view returns (Price memory price) {
    try IOracle(IVault(vault).oracle()).price() returns (Price memory answer) {
      return answer;
    } catch {
      return price;
    }
  }

  /// @dev The cash already counts the payment.
  function _pull(uint256 assets) private {
    TokenMoves.pull(IERC20(asset()), msg.sender, assets, _cash);
  }
}
