// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBatchAuctionLiquidator} from "../../../contracts/interfaces/IBatchAuctionLiquidator.sol";
import {IDirectSaleLiquidator} from "../../../contracts/interfaces/IDirectSaleLiquidator.sol";
import {IOracle} from "../../../contracts/interfaces/IOracle.sol";
import {OracleConfig, SourceConfig, SourceKind} from "../../../contracts/types/SourceConfig.sol";
import {VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {IMockFactory} from "./MockFactory.sol";
import {Pools, PoolTrader} from "./PoolTest.sol";
import {VaultTest} from "./VaultTest.sol";

interface IRoundFeed {
  function pushAnswer(int256 answer) external;

  function setMode(uint8 mode) external;
}

/// @notice A vault on the real oracle adapter, with the real batch auction and direct sales into a real Uniswap v3 pool. The feeds
/// are mocks: 8 decimals, alive for a day.
abstract contract RealPartsTest is VaultTest {
  /// @dev As the vault's `maxOracleStepBps`, and the adapter's `maxDisagreementBps`.
  uint256 internal constant _BOUND_BPS = 300;

  IRoundFeed internal _primary;
  IRoundFeed internal _second;
  IOracle internal _adapter;
  IDirectSaleLiquidator internal _direct;
  IBatchAuctionLiquidator internal _batch;
  PoolTrader internal _trader;
  address internal _venue;

  function _beforeVault() internal virtual override {
    _primary = _feed();
    _second = _feed();
    _adapter = IOracle(deployCode(_artifact("oracle", "OracleAdapter"), abi.encode(_oracleConfig(), manager)));
    address factory = deployCode(_artifact("mocks", "MockVaultFactory"));
    _direct = IDirectSaleLiquidator(
      deployCode(_artifact("liquidation", "DirectSaleLiquidator"), abi.encode(factory, manager))
    );
    _batch = IBatchAuctionLiquidator(
      deployCode(_artifact("liquidation", "BatchAuctionLiquidator"), abi.encode(factory, 15, 60))
    );
    address pools = Pools.deployFactory();
    bool isCollateral0 = address(collateral) < address(loan);
    uint256 priceWad = isCollateral0 ? 2_000e6 : 1e38 / 2_000e8;
    _trader = Pools.deployPool(pools, address(loan), address(collateral), 500, priceWad, 50);
    _trader.provide(_liquidity());
    _venue = deployCode(
      "contracts/liquidation/venues/UniswapV3Venue.sol:UniswapV3Venue",
      abi.encode(pools, _trader.pool(), uint32(12))
    );
  }

  /// @dev 1e18 is some 45 million of each side at 2,000.
  function _liquidity() internal pure virtual returns (uint128) {
    return 1e18;
  }

  function _config() internal view virtual override returns (VaultConfig memory config) {
    config = super._config();
    config.oracle = address(_adapter);
    config.directLiquidator = address(_direct);
    config.batchLiquidator = address(_batch);
  }

  /// @dev Once the vault is there. The test itself is the manager's admin, which governs what has no role.
  function _openDirectSales() internal {
    IMockFactory(_direct.vaultFactory()).setVault(address(vault), true);
    _direct.setVenueListed(_venue, true);
    _direct.setReferenceVenue(address(vault), _venue);
  }

  function _pushAnswers(uint256 primary, uint256 second) internal {
    _primary.pushAnswer(int256(primary));
    _second.pushAnswer(int256(second));
  }

  function _feed() private returns (IRoundFeed feed) {
    feed = IRoundFeed(deployCode(_artifact("mocks", "MockAggregator"), abi.encode(8)));
    feed.pushAnswer(2_000e8);
  }

  function _oracleConfig() private view returns (OracleConfig memory config) {
    config.collateralAsset = address(collateral);
    config.loanAsset = address(loan);
    config.primary = SourceConfig(SourceKind.CHAINLINK, address(_primary), 1 days, 1e24, 1e30);
    config.second = SourceConfig(SourceKind.CHAINLINK, address(_second), 1 days, 1e24, 1e30);
    config.maxDisagreementBps = uint16(_BOUND_BPS);
    config.primaryGrace = 30 minutes;
  }
}
