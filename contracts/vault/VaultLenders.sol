// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {PauseBits} from "../types/Params.sol";
import {Totals} from "../types/Totals.sol";
import {VaultBooks} from "./VaultBooks.sol";

/// @title VaultLenders
/// @notice Second layer: ERC-4626 shares.
/// @dev PRICE: entrants pay the full value, leavers get the marked-down one; the two differ only while a position carries a
/// mark. LIVENESS: leaving, up to the cash, can't be paused. ROUNDING: against the one who acts.
abstract contract VaultLenders is VaultBooks {
  uint256 private constant _MAX_SHARES = 2 ** 255;

  // --------------------------------------------------------------------------------------------------- enter and leave

  /// @inheritdoc IERC4626
  function deposit(
    uint256 assets,
    address receiver
  ) public override(ERC4626, IERC4626) nonReentrant returns (uint256 shares) {
    Totals memory totals_ = _accrued();
    shares = _sharesDown(assets, _fullAssets(totals_));
    _enter(totals_, assets, shares, receiver);
  }

  /// @inheritdoc IERC4626
  function mint(
    uint256 shares,
    address receiver
  ) public override(ERC4626, IERC4626) nonReentrant returns (uint256 assets) {
    Totals memory totals_ = _accrued();
    assets = _assetsUp(shares, _fullAssets(totals_));
    _enter(totals_, assets, shares, receiver);
  }

  /// @inheritdoc IERC4626
  function withdraw(
    uint256 assets,
    address receiver,
    address owner
  ) public override(ERC4626, IERC4626) nonReentrant returns (uint256 shares) {
    Totals memory totals_ = _accrued();
    shares = _sharesUp(assets, _markedAssets(totals_));
    _leave(totals_, assets, shares, receiver, owner);
  }

  /// @inheritdoc IERC4626
  function redeem(
    uint256 shares,
    address receiver,
    address owner
  ) public override(ERC4626, IERC4626) nonReentrant returns (uint256 assets) {
    Totals memory totals_ = _accrued();
    assets = _assetsDown(shares, _markedAssets(totals_));
    _leave(totals_, assets, shares, receiver, owner);
  }

  function _enter(Totals memory totals_, uint256 assets, uint256 shares, address receiver) private {
    _requireUnpaused(PauseBits.DEPOSIT);
    if (shares == 0 || assets == 0) revert ZeroShares();
    uint256 claims = _fullAssets(totals_) + assets;
    if (claims > _supplyCap) revert SupplyCapExceeded(claims, _supplyCap);
    totals_.cash += assets;
    _storeTotals(totals_);
    _mint(receiver, shares);
    emit Deposit(msg.sender, receiver, assets, shares);
    _pullLoan(msg.sender, assets, totals_.cash);
  }

  function _leave(Totals memory totals_, uint256 assets, uint256 shares, address receiver, address owner) private {
    if (shares == 0 || assets == 0) revert ZeroShares();
    if (assets > totals_.cash) revert InsufficientCash(assets, totals_.cash);
    if (msg.sender != owner) _spendAllowance(owner, msg.sender, shares);
    totals_.cash -= assets;
    _storeTotals(totals_);
    _burn(owner, shares);
    emit Withdraw(msg.sender, receiver, owner, assets, shares);
    _pushLoan(receiver, assets);
  }

  // ------------------------------------------------------------------------------------------------------ share price

  /// @inheritdoc IERC4626
  function totalAssets() public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
    return _markedAssets(_accrued());
  }

  /// @inheritdoc IERC4626
  function convertToShares(uint256 assets) public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
    return _sharesDown(assets, _markedAssets(_accrued()));
  }

  /// @inheritdoc IERC4626
  function convertToAssets(uint256 shares) public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
    return _assetsDown(shares, _markedAssets(_accrued()));
  }

  /// @inheritdoc IERC4626
  function previewDeposit(uint256 assets) public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
    return _sharesDown(assets, _fullAssets(_accrued()));
  }

  /// @inheritdoc IERC4626
  function previewMint(uint256 shares) public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
    return _assetsUp(shares, _fullAssets(_accrued()));
  }

  /// @inheritdoc IERC4626
  function previewWithdraw(uint256 assets) public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
    return _sharesUp(assets, _markedAssets(_accrued()));
  }

  /// @inheritdoc IERC4626
  function previewRedeem(uint256 shares) public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
    return _assetsDown(shares, _markedAssets(_accrued()));
  }

  /// @inheritdoc IERC4626
  function maxDeposit(address) public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
    return _roomForDeposits(_accrued());
  }

  /// @inheritdoc IERC4626
  function maxMint(address) public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
    Totals memory totals_ = _accrued();
    return _sharesDown(_roomForDeposits(totals_), _fullAssets(totals_));
  }

  /// @inheritdoc IERC4626
  function maxWithdraw(address owner) public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
    Totals memory totals_ = _accrued();
    return FixedPointMathLib.min(totals_.cash, _assetsDown(balanceOf(owner), _markedAssets(totals_)));
  }

  /// @inheritdoc IERC4626
  function maxRedeem(address owner) public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
    Totals memory totals_ = _accrued();
    uint256 claims = _markedAssets(totals_);
    uint256 shares = FixedPointMathLib.min(balanceOf(owner), _sharesDown(totals_.cash, claims));
    return _assetsDown(shares, claims) == 0 ? 0 : shares;
  }

  function _roomForDeposits(Totals memory totals_) private view returns (uint256) {
    if (_isPaused(PauseBits.DEPOSIT)) return 0;
    uint256 claims = _fullAssets(totals_);
    uint256 room = FixedPointMathLib.zeroFloorSub(_supplyCap, claims);
    uint256 supply = totalSupply() + _VIRTUAL_SHARES;
    // Each loss of everything multiplies the shares that the next deposit makes: they must still fit.
    if (supply >> 128 == 0) return room;
    uint256 mintable = FixedPointMathLib.zeroFloorSub(_MAX_SHARES, supply);
    return FixedPointMathLib.min(room, FixedPointMathLib.fullMulDiv(mintable, claims + 1, supply));
  }
}
