// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IMorpho} from "../../interfaces/external/IMorpho.sol";

/// @title MockMorpho
/// @notice Morpho Blue's books without its tokens: shares are reckoned with the same virtual amounts, and bad debt leaves both sides
/// at once, as there.
contract MockMorpho is IMorpho {
  using SafeCast for uint256;

  struct Market {
    uint128 totalSupplyAssets;
    uint128 totalSupplyShares;
    uint128 totalBorrowAssets;
    uint128 totalBorrowShares;
    uint128 lastUpdate;
    uint128 fee;
  }

  uint256 private constant _VIRTUAL_SHARES = 1e6;
  uint256 private constant _VIRTUAL_ASSETS = 1;

  mapping(bytes32 id => Market) public market;

  function createMarket(bytes32 id) external {
    market[id].lastUpdate = block.timestamp.toUint128();
  }

  function supply(bytes32 id, uint128 assets) external {
    Market storage books = market[id];
    books.totalSupplyShares += _shares(assets, books.totalSupplyAssets, books.totalSupplyShares);
    books.totalSupplyAssets += assets;
  }

  function borrow(bytes32 id, uint128 assets) external {
    Market storage books = market[id];
    books.totalBorrowShares += _shares(assets, books.totalBorrowAssets, books.totalBorrowShares);
    books.totalBorrowAssets += assets;
  }

  function repay(bytes32 id, uint128 assets) external {
    Market storage books = market[id];
    books.totalBorrowShares -= _shares(assets, books.totalBorrowAssets, books.totalBorrowShares);
    books.totalBorrowAssets -= assets;
  }

  /// @notice Interest, as an accrual books it on both sides.
  function accrue(bytes32 id, uint128 interest) external {
    Market storage books = market[id];
    books.totalBorrowAssets += interest;
    books.totalSupplyAssets += interest;
    books.lastUpdate = block.timestamp.toUint128();
  }

  /// @notice The end of a liquidation that left debt without collateral.
  function writeOff(bytes32 id, uint128 badDebt) external {
    Market storage books = market[id];
    books.totalBorrowShares -= _shares(badDebt, books.totalBorrowAssets, books.totalBorrowShares);
    books.totalBorrowAssets -= badDebt;
    books.totalSupplyAssets -= badDebt;
  }

  function _shares(uint256 assets, uint256 totalAssets, uint256 totalShares) private pure returns (uint128) {
    return Math.mulDiv(assets, totalShares + _VIRTUAL_SHARES, totalAssets + _VIRTUAL_ASSETS).toUint128();
  }
}
