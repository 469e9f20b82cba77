// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IUniswapV3Factory} from "../interfaces/external/IUniswapV3Factory.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";
import {IDepthOracle} from "../interfaces/IDepthOracle.sol";
import {DepthMath} from "../libraries/DepthMath.sol";
import {Depth, DepthConfig, WindowRecord} from "../types/Depth.sol";
import {UniswapV3Liquidity} from "./UniswapV3Liquidity.sol";

/// @title DepthOracle
/// @dev Read it in this order: `poke` → `_measure` (a pool's windows, and a look below the price) → `_sumUp` (the worst window).
/// ASSUMPTIONS: liquidity that stood around the price for whole windows, and in the 2% below it at each poke, is there for a sale of
/// that reach. What stands in a window for a part of it counts by its harmonic mean, and no more than a look finds.
/// Ranges that the price was not in have no history in the pool: what depth and `sellable` count in them was seen by somebody, and
/// one honest poke within the windows is enough to hold both to what is really there. They can be lowered: by whoever pushes the
/// price out of the pool's liquidity for a block, at the cost of the arbitrage; by whoever holds much of what lies under the price and
/// takes that out for a poke; and by strewing ticks, where a pool's spacing fits more than `maxTicks` into 256 ticks.
/// LIVENESS: a pool that lost its memory does not stop the others; without pokes the depth grows old, not high.
/// ROUNDING: down.
contract DepthOracle is IDepthOracle, AccessManaged {
  /// @dev What the last poke summed up. One slot.
  /// @param last Number of the youngest window.
  /// @param isFull No window of any pool is missing.
  struct Sum {
    uint128 reserve;
    uint32 last;
    bool isFull;
  }

  /// @param generation How often the pair was set; records are kept by it, so that those of an earlier one are gone.
  /// @param records Ring of windows of each pool: window w lies at w modulo the number of windows.
  struct Pair {
    DepthConfig config;
    uint256 generation;
    Sum sum;
    mapping(uint256 generation => mapping(address pool => mapping(uint256 slot => WindowRecord))) records;
  }

  uint256 private constant _MAX_POOLS = 8;
  /// @dev Windows after which the youngest measurement is too old.
  uint256 private constant _MAX_AGE = 2;

  IUniswapV3Factory private immutable _factory;

  mapping(address collateralAsset => mapping(address loanAsset => Pair)) private _pairs;

  constructor(address factory, address authority_) AccessManaged(authority_) {
    _factory = IUniswapV3Factory(factory);
  }

  // ---------------------------------------------------------------------------------------------------------------- pairs

  /// @inheritdoc IDepthOracle
  function setPair(address collateralAsset, address loanAsset, DepthConfig calldata newConfig) external restricted {
    _requireRange("window", newConfig.window, 5 minutes, 1 days);
    _requireRange("windows", newConfig.windows, 2, 24);
    _requireRange("maxTicks", newConfig.maxTicks, 1, 512);
    _requireRange("pools", newConfig.pools.length, 1, _MAX_POOLS);
    for (uint256 i = 0; i < newConfig.pools.length; ++i) {
      _requirePool(newConfig.pools[i], collateralAsset, loanAsset);
      for (uint256 j = 0; j < i; ++j) {
        if (newConfig.pools[j] == newConfig.pools[i]) revert InvalidPool(newConfig.pools[i]);
      }
    }
    Pair storage pair = _pairs[collateralAsset][loanAsset];
    pair.config = newConfig;
    ++pair.generation;
    delete pair.sum;
    emit PairSet(collateralAsset, loanAsset, newConfig);
  }

  function _requireRange(bytes32 name, uint256 value, uint256 least, uint256 most) private pure {
    if (value < least || value > most) revert InvalidParameter(name, value);
  }

  function _requirePool(address pool, address collateralAsset, address loanAsset) private view {
    if (pool.code.length == 0) revert InvalidPool(pool);
    uint24 fee = IUniswapV3Pool(pool).fee();
    if (_factory.getPool(collateralAsset, loanAsset, fee) != pool) revert InvalidPool(pool);
  }

  /// @inheritdoc IDepthOracle
  function configOf(address collateralAsset, address loanAsset) external view returns (DepthConfig memory) {
    return _pairs[collateralAsset][loanAsset].config;
  }

  /// @inheritdoc IDepthOracle
  function recordOf(
    address collateralAsset,
    address loanAsset,
    address pool,
    uint256 window
  ) external view returns (WindowRecord memory) {
    Pair storage pair = _pairOf(collateralAsset, loanAsset);
    return _recordOf(_ringOf(pair, pool), window, pair.config.windows);
  }

  // -------------------------------------------------------------------------------------------------------------- windows

  /// @inheritdoc IDepthOracle
  function poke(address collateralAsset, address loanAsset) external {
    Pair storage pair = _pairOf(collateralAsset, loanAsset);
    DepthConfig memory config = pair.config;
    uint256 last = block.timestamp / config.window - 1;
    bool sellsToken0 = _isToken0(collateralAsset, loanAsset);
    uint256[] memory weights = new uint256[](config.pools.length);
    for (uint256 i = 0; i < weights.length; ++i) {
      mapping(uint256 slot => WindowRecord) storage ring = _ringOf(pair, config.pools[i]);
      _measure(ring, config, config.pools[i], last, sellsToken0);
      _look(ring, config, config.pools[i], last, sellsToken0);
      weights[i] = _isSeen(ring, config.windows, last) ? DepthMath.WAD : 0;
    }
    (uint256 least, bool isFull) = _worst(pair, config, last, sellsToken0, weights, true);
    uint128 reserve = uint128(Math.min(least, type(uint128).max));
    pair.sum = Sum(reserve, uint32(last), isFull);
    emit DepthMeasured(collateralAsset, loanAsset, reserve, (last + 1) * config.window, isFull);
  }

  /// @dev From the youngest window back to one that was measured before, or that the pool does not remember.
  function _measure(
    mapping(uint256 slot => WindowRecord) storage ring,
    DepthConfig memory config,
    address pool,
    uint256 last,
    bool sellsToken0
  ) private {
    for (uint256 window = last; window > last - config.windows; --window) {
      if (ring[window % config.windows].window == window) return;
      (bool isKnown, uint128 liquidity, int24 tick) = UniswapV3Liquidity.overWindow(
        pool,
        window,
        config.window,
        sellsToken0
      );
      if (!isKnown) return;
      ring[window % config.windows] = WindowRecord(liquidity, tick, uint32(window), 0, 0);
      emit WindowMeasured(pool, window, liquidity, tick);
    }
  }

  /// @dev What lies below the price now is kept with the youngest window; the lowest of all looks.
  function _look(
    mapping(uint256 slot => WindowRecord) storage ring,
    DepthConfig memory config,
    address pool,
    uint256 last,
    bool sellsToken0
  ) private {
    WindowRecord memory record = _recordOf(ring, last, config.windows);
    if (record.window == 0) return;
    (bool isSeen, uint64 shares, uint8 evenness) = UniswapV3Liquidity.look(pool, record, sellsToken0, config.maxTicks);
    if (!isSeen) return;
    if (record.evenness != 0) {
      shares = DepthMath.lowerShares(shares, record.shares);
      if (record.evenness < evenness) evenness = record.evenness;
    }
    record.shares = shares;
    record.evenness = evenness;
    ring[last % config.windows] = record;
  }

  // ---------------------------------------------------------------------------------------------------------------- views

  /// @inheritdoc IDepthOracle
  function depth(address collateralAsset, address loanAsset) external view returns (Depth memory result) {
    Pair storage pair = _pairOf(collateralAsset, loanAsset);
    Sum memory sum = pair.sum;
    if (sum.last == 0) return result;
    uint256 window = pair.config.window;
    uint256 updatedAt = (uint256(sum.last) + 1) * window;
    result.reserve = sum.reserve;
    result.updatedAt = uint40(updatedAt);
    result.isComplete = sum.isFull && block.timestamp <= updatedAt + _MAX_AGE * window;
  }

  /// @inheritdoc IDepthOracle
  function sellable(
    address collateralAsset,
    address loanAsset,
    uint256 impactBps
  ) external view returns (uint256 amount) {
    if (impactBps > DepthMath.BPS) revert InvalidImpact(impactBps);
    Pair storage pair = _pairOf(collateralAsset, loanAsset);
    uint256 last = pair.sum.last;
    if (last == 0) return 0;
    DepthConfig memory config = pair.config;
    uint256[] memory weights = new uint256[](config.pools.length);
    for (uint256 i = 0; i < weights.length; ++i) {
      uint64 shares = _leastShares(_ringOf(pair, config.pools[i]), config.windows, last);
      weights[i] = DepthMath.paidShare(shares, impactBps);
    }
    (amount, ) = _worst(pair, config, last, _isToken0(collateralAsset, loanAsset), weights, false);
  }

  /// @dev The least over the windows of the pools' reserves, each weighted. A window that is missing counts as empty.
  /// @param weights By pool, WAD. @param byLook A window in which somebody looked is weighted by its own evenness, too.
  function _worst(
    Pair storage pair,
    DepthConfig memory config,
    uint256 last,
    bool sellsToken0,
    uint256[] memory weights,
    bool byLook
  ) private view returns (uint256 least, bool isFull) {
    least = type(uint256).max;
    isFull = true;
    for (uint256 window = last; window > last - config.windows; --window) {
      uint256 sum;
      for (uint256 i = 0; i < weights.length; ++i) {
        WindowRecord memory record = _recordOf(_ringOf(pair, config.pools[i]), window, config.windows);
        if (record.window == 0) {
          isFull = false;
          continue;
        }
        // Under 2^192 times 2^60.
        uint256 part = (DepthMath.reserve(record.liquidity, record.tick, sellsToken0) * weights[i]) / DepthMath.WAD;
        if (byLook && record.evenness != 0) part = (part * (record.evenness - 1)) / DepthMath.EVEN;
        sum += part;
      }
      least = Math.min(least, sum);
    }
  }

  /// @dev Whether anybody looked at the pool in any of the last windows.
  function _isSeen(
    mapping(uint256 slot => WindowRecord) storage ring,
    uint256 windows,
    uint256 last
  ) private view returns (bool) {
    for (uint256 window = last; window > last - windows; --window) {
      if (_recordOf(ring, window, windows).evenness != 0) return true;
    }
    return false;
  }

  /// @dev Step by step over the windows in which somebody looked; nothing where nobody did.
  function _leastShares(
    mapping(uint256 slot => WindowRecord) storage ring,
    uint256 windows,
    uint256 last
  ) private view returns (uint64 shares) {
    bool isSeen;
    for (uint256 window = last; window > last - windows; --window) {
      WindowRecord memory record = _recordOf(ring, window, windows);
      if (record.evenness == 0) continue;
      shares = isSeen ? DepthMath.lowerShares(shares, record.shares) : record.shares;
      isSeen = true;
    }
  }

  // -------------------------------------------------------------------------------------------------------------- look-up

  function _pairOf(address collateralAsset, address loanAsset) private view returns (Pair storage pair) {
    pair = _pairs[collateralAsset][loanAsset];
    if (pair.generation == 0) revert UnknownPair(collateralAsset, loanAsset);
  }

  function _ringOf(
    Pair storage pair,
    address pool
  ) private view returns (mapping(uint256 slot => WindowRecord) storage) {
    return pair.records[pair.generation][pool];
  }

  /// @return record Zeros where the ring holds another window.
  function _recordOf(
    mapping(uint256 slot => WindowRecord) storage ring,
    uint256 window,
    uint256 windows
  ) private view returns (WindowRecord memory record) {
    WindowRecord memory kept = ring[window % windows];
    if (kept.window == window) record = kept;
  }

  /// @dev Uniswap sorts the tokens of a pool by their addresses.
  function _isToken0(address collateralAsset, address loanAsset) private pure returns (bool) {
    return collateralAsset < loanAsset;
  }
}
