// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC4626Source} from "../../interfaces/sources/IERC4626Source.sol";
import {StressMath} from "../../libraries/StressMath.sol";
import {LenderLossSource} from "./LenderLossSource.sol";

/// @title ERC4626Source
/// @dev ASSUMPTIONS: those of `LenderLossSource`; `maxWithdraw` says what can be withdrawn now, as the standard asks. The holder
/// can take it all away and end this. Liquidity is that of the moment: whoever borrows or lends much for one transaction moves
/// it at will, so this is listed behind a `DampedSource`, which also bears vaults that need much gas to say what they have.
/// LIVENESS: says nothing while the holder has no claim. ROUNDING: up.
contract ERC4626Source is IERC4626Source, LenderLossSource {
  /// @dev Shares that are priced: enough for the price to have digits.
  uint256 private constant _MANY_SHARES = 1e27;

  /// @inheritdoc IERC4626Source
  address public immutable vault;
  /// @inheritdoc IERC4626Source
  address public immutable holder;

  constructor(
    address vault_,
    address holder_,
    uint256 fullLoss_,
    uint256 memorySeconds_
  ) LenderLossSource(fullLoss_, memorySeconds_) {
    vault = vault_;
    holder = holder_;
    poke();
  }

  function _sharePrice() internal view override returns (uint256) {
    return IERC4626(vault).convertToAssets(_MANY_SHARES) * (_PRICE_SCALE / _MANY_SHARES);
  }

  function _tightness() internal view override returns (uint256) {
    uint256 claim = IERC4626(vault).convertToAssets(IERC4626(vault).balanceOf(holder));
    if (claim == 0) revert NoReading(holder);
    uint256 open = IERC4626(vault).maxWithdraw(holder);
    return open >= claim ? 0 : StressMath.share(claim - open, claim);
  }
}
