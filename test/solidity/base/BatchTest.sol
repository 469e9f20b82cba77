// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBatchAuctionLiquidator} from "../../../contracts/interfaces/IBatchAuctionLiquidator.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {VaultTest} from "./VaultTest.sol";

interface IMockVaultFactory {
  function setVault(address vault, bool isVault) external;
}

/// @notice A vault whose batch liquidator is real: ticks of 15 bps, a boundary every minute.
abstract contract BatchTest is VaultTest {
  uint256 internal constant TICK_BPS = 15;
  uint256 internal constant INTERVAL = 60;

  IMockVaultFactory internal factory;
  IBatchAuctionLiquidator internal batch;

  function _deployBatch() internal {
    _deployVault();
    factory = IMockVaultFactory(deployCode(_artifact("mocks", "MockVaultFactory")));
    batch = IBatchAuctionLiquidator(
      deployCode(_artifact("liquidation", "BatchAuctionLiquidator"), abi.encode(factory, TICK_BPS, INTERVAL))
    );
    VaultConfig memory config = _config();
    config.batchLiquidator = address(batch);
    vault = IVault(deployCode(_artifact("vault", "Vault"), abi.encode(config)));
    factory.setVault(address(vault), true);
  }

  function _bid(address bidder, uint256 tick, uint256 assets) internal returns (uint256 bidId) {
    loan.mint(bidder, assets);
    vm.startPrank(bidder);
    loan.approve(address(batch), assets);
    bidId = batch.placeBid(address(vault), tick, assets, bidder);
    vm.stopPrank();
  }

  function _nextBoundary() internal {
    vm.warp(batch.nextBoundary());
  }

  function _one(address borrower) internal pure returns (address[] memory borrowers) {
    borrowers = new address[](1);
    borrowers[0] = borrower;
  }
}
