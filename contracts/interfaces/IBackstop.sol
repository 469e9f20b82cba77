// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {Cooldown, Cover, CoverConfig} from "../types/Cover.sol";
import {IVaultCover} from "./IVaultCover.sol";

/// @title IBackstop
/// @notice Pool of one loan asset that stands behind listed vaults: it buys what nobody else buys, at the deepest discount of
/// the sale's own clock, resells it by a Dutch auction of its own on the live oracle, and pays for realized losses before
/// lenders do, up to each vault's cap. Those who want to leave lock their shares through a cooldown, and nobody leaves while a
/// listed vault shows a loss that this pool would have to pay for, or could not show one.
/// @dev PRICE: what it holds of collateral counts at the higher oracle price for those who enter and, for those who leave, at the
/// lower one less the largest resale discount and at most at its cost: a gain is nobody's before the resale has made it. The two
/// differ only while there is inventory.
interface IBackstop is IERC4626, IVaultCover {
  /// @notice A vault was listed, or its cover changed.
  event CoverSet(address indexed vault, CoverConfig config);
  /// @notice Collateral was bought from a sale.
  event Bought(address indexed vault, address indexed borrower, uint256 payment, uint256 collateral, uint256 price);
  /// @notice Collateral was resold; loan units, collateral units, price in 1e36 scale.
  event Resold(address indexed vault, address indexed taker, uint256 payment, uint256 collateral, uint256 price);
  /// @notice A loss of a vault was paid for, loan units.
  event LossCovered(address indexed vault, uint256 loss, uint256 covered);
  /// @notice Collateral left the inventory without a resale: written off (receiver 0), handed out by the governor, or owed to its
  /// vault, collateral units.
  event InventoryRemoved(address indexed vault, address indexed receiver, uint256 collateral);
  /// @notice Shares had become worthless and are void: `balanceOf` of their holders is 0.
  event SharesVoided(uint256 generation, uint256 shares);
  /// @notice A holder wants to leave: so many shares are locked, and may be redeemed in the window, unix seconds.
  event CooldownStarted(address indexed owner, uint256 shares, uint256 opensAt, uint256 closesAt);

  /// @notice The vault is not listed.
  error VaultNotListed(address vault);
  /// @notice The vault lends another asset, has another backstop, or too many vaults are listed.
  error VaultNotCoverable(address vault);
  /// @notice The sale is younger than its horizon: seconds it has lived, seconds needed.
  error SaleTooYoung(uint256 ownSeconds, uint256 horizon);
  /// @notice No more than that is at hand, in units of the asset that is asked for.
  error InsufficientInventory(uint256 asked, uint256 available);
  /// @notice The price asked is out of range: bps or seconds.
  error InvalidCover();
  /// @notice These shares are locked by a cooldown up to the end of its window.
  error SharesLocked(address owner, uint256 locked);
  /// @notice The sale's discount is smaller than the deepest that the resale could ask, WAD: buying could only lose.
  error ResaleTooDeep(int256 discount, int256 deepest);
  /// @notice The oracle is FRESH: the resale sells it.
  error InventoryIsForSale(address vault);

  /// @notice List a vault, change its cover or (cap 0, no inventory) strike it off. The resale may not ask a deeper discount than
  /// the vault's newest terms give after a horizon, at which this pool buys. Restricted (governor).
  function setCover(address vault, CoverConfig calldata config) external;

  /// @notice Cover of a vault.
  function coverOf(address vault) external view returns (Cover memory);

  /// @notice Vaults listed, at most sixteen.
  function coveredVaults() external view returns (address[] memory);

  /// @notice Buy from a live sale that is a horizon old, at the discount of its own clock: `D(own)`, whatever the vault-wide
  /// clock says. Open to all, FRESH only.
  /// @param maxPayment Most that this call spends, loan units. The other bounds are the cash at hand less what open losses beside
  /// this sale's own may need, and the vault's cap less what its inventory cost.
  /// @return payment Loan units paid. @return collateral Collateral units bought.
  function buy(
    address vault,
    address borrower,
    uint256 maxPayment
  ) external returns (uint256 payment, uint256 collateral);

  /// @notice Buy from the inventory at the resale clock's price. Open to all, FRESH only.
  /// @param collateral Collateral units. @param maxPayment Limit, loan units. @param receiver Who gets the collateral.
  /// @return payment Loan units pulled from the caller, rounded up.
  function buyInventory(
    address vault,
    uint256 collateral,
    uint256 maxPayment,
    address receiver
  ) external returns (uint256 payment);

  /// @notice Write inventory off (receiver 0), so that it counts nothing any more and stays here for good, or hand it out where the
  /// oracle is not FRESH. Restricted (governor).
  /// @param collateral Collateral units.
  function removeInventory(address vault, uint256 collateral, address receiver) external;

  /// @notice Resale price of a vault's collateral now, 1e36 scale, rounded up; 0 unless FRESH.
  function resalePrice(address vault) external view returns (uint256);

  /// @notice Announce the wish to leave: after the cooldown so many shares may be redeemed, for a while. They are locked from now
  /// to the end of that window: no transfer, but they bear losses like all others. Replaces an earlier one; 0 only ends it.
  /// @param shares At most the balance counts.
  function startCooldown(uint256 shares) external;

  /// @notice Shares of a holder that are locked now.
  function lockedOf(address owner) external view returns (uint256);

  /// @notice A holder's announcement.
  function cooldownOf(address owner) external view returns (Cooldown memory);

  /// @notice Seconds between the announcement and the window.
  function cooldownSeconds() external view returns (uint256);

  /// @notice Seconds that the window is open.
  function windowSeconds() external view returns (uint256);

  /// @notice Open losses of listed vaults that this pool would have to pay for, each up to its cap, loan units. While it is not
  /// 0 nobody leaves.
  function openLoss() external view returns (uint256);

  /// @notice Whether a covered vault's price is not FRESH while a sale may be live there, and has not been seen so for seven days:
  /// losses then do not show in marks. While it is so nobody leaves.
  function inDoubt() external view returns (bool);

  /// @notice Note that a vault's price is in doubt, or no longer is. Open to all: exits open after seven days of a doubt that
  /// was noted at its beginning and, from then on, at least every eight days. Reverts with `InsufficientGas` where the oracle
  /// could be starved.
  function noteDoubt(address vault) external;
}
