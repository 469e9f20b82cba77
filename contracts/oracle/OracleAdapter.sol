// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {IAggregatorV3} from "../interfaces/external/IAggregatorV3.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IOracleAdapter} from "../interfaces/IOracleAdapter.sol";
import {IPriceFeed} from "../interfaces/IPriceFeed.sol";
import {OracleState, Price} from "../types/Price.sol";
import {OracleConfig, SourceConfig, SourceKind} from "../types/SourceConfig.sol";
import {ChainlinkFeed} from "./feeds/ChainlinkFeed.sol";

/// @title OracleAdapter
/// @notice Oracle of one pair: a primary source that decides, an optional second one that is compared with it and stands in
/// for it, and an optional pre-approved standby that the guardian can put in the primary's place, and nothing else.
/// @dev ASSUMPTIONS: sources are chosen with care at construction and fixed; each may fail in any way later.
/// LIVENESS: reading never reverts because of a source; it only degrades the state. A caller must bring the gas that every
/// source is allowed (`InsufficientGas`), so that nobody can starve one and choose the state.
/// ROUNDING: prices down.
contract OracleAdapter is IOracleAdapter, AccessManaged {
  /// @dev A source as read. Price and time are set for a source that is dead by age only, too.
  struct Reading {
    bool alive;
    uint256 price;
    uint256 roundId;
    uint256 updatedAt;
    uint256 aliveUntil;
  }

  /// @dev One source in immutables.
  struct Source {
    SourceKind kind;
    address target;
    uint256 heartbeat;
    uint256 minPrice;
    uint256 maxPrice;
    uint256 multiplier;
    uint256 divisor;
  }

  uint256 private constant _BPS = 10_000;
  uint256 private constant _PRICE_DECIMALS = 36;
  uint256 private constant _MAX_DECIMALS = 36;
  uint256 private constant _MAX_DISAGREEMENT_BPS = 5_000;
  /// @dev A round that is late by less than this interrupts nothing.
  uint256 private constant _LATENESS = 5 minutes;
  /// @dev How many rounds are walked back at most.
  uint256 private constant _MAX_WALK = 8;
  /// @dev State is SUSPECT that long after a switch between primary and standby.
  uint256 private constant _SWITCH_GRACE = 1 hours;
  uint256 private constant _FEED_GAS = 500_000;
  uint256 private constant _FEED_GAS_NEEDED = _FEED_GAS + _FEED_GAS / 32 + 2_000;

  /// @inheritdoc IOracle
  address public immutable collateralAsset;
  /// @inheritdoc IOracle
  address public immutable loanAsset;

  SourceKind private immutable _primaryKind;
  address private immutable _primaryTarget;
  uint256 private immutable _primaryHeartbeat;
  uint256 private immutable _primaryMin;
  uint256 private immutable _primaryMax;
  uint256 private immutable _primaryMultiplier;
  uint256 private immutable _primaryDivisor;

  SourceKind private immutable _secondKind;
  address private immutable _secondTarget;
  uint256 private immutable _secondHeartbeat;
  uint256 private immutable _secondMin;
  uint256 private immutable _secondMax;
  uint256 private immutable _secondMultiplier;
  uint256 private immutable _secondDivisor;

  SourceKind private immutable _standbyKind;
  address private immutable _standbyTarget;
  uint256 private immutable _standbyHeartbeat;
  uint256 private immutable _standbyMin;
  uint256 private immutable _standbyMax;
  uint256 private immutable _standbyMultiplier;
  uint256 private immutable _standbyDivisor;

  address private immutable _sequencerFeed;
  uint256 private immutable _sequencerGrace;
  uint256 private immutable _maxDisagreementBps;
  uint256 private immutable _primaryGrace;

  /// @dev One slot, read only where a standby was approved.
  bool private _standbyActive;
  uint40 private _switchedAt;

  constructor(OracleConfig memory config_, address authority_) AccessManaged(authority_) {
    if (
      config_.maxDisagreementBps == 0 ||
      config_.maxDisagreementBps > _MAX_DISAGREEMENT_BPS ||
      config_.primary.kind == SourceKind.NONE ||
      config_.primary.target == config_.second.target ||
      config_.primary.target == config_.standby.target ||
      config_.collateralAsset == config_.loanAsset
    ) revert InvalidConfig();
    if (config_.sequencerFeed != address(0) && config_.sequencerFeed.code.length == 0) {
      revert InvalidSource(config_.sequencerFeed);
    }
    collateralAsset = config_.collateralAsset;
    loanAsset = config_.loanAsset;
    _sequencerFeed = config_.sequencerFeed;
    _sequencerGrace = config_.sequencerGrace;
    _maxDisagreementBps = config_.maxDisagreementBps;
    _primaryGrace = config_.primaryGrace;

    Source memory source = _checked(config_.primary, config_);
    _primaryKind = source.kind;
    _primaryTarget = source.target;
    _primaryHeartbeat = source.heartbeat;
    _primaryMin = source.minPrice;
    _primaryMax = source.maxPrice;
    _primaryMultiplier = source.multiplier;
    _primaryDivisor = source.divisor;

    source = _checked(config_.second, config_);
    _secondKind = source.kind;
    _secondTarget = source.target;
    _secondHeartbeat = source.heartbeat;
    _secondMin = source.minPrice;
    _secondMax = source.maxPrice;
    _secondMultiplier = source.multiplier;
    _secondDivisor = source.divisor;

    source = _checked(config_.standby, config_);
    _standbyKind = source.kind;
    _standbyTarget = source.target;
    _standbyHeartbeat = source.heartbeat;
    _standbyMin = source.minPrice;
    _standbyMax = source.maxPrice;
    _standbyMultiplier = source.multiplier;
    _standbyDivisor = source.divisor;
  }

  // --------------------------------------------------------------------------------------------------------------- switch

  /// @inheritdoc IOracleAdapter
  function setStandbyActive(bool active) external restricted {
    if (_standbyKind == SourceKind.NONE) revert NoStandby();
    if (active == _standbyActive) return;
    _standbyActive = active;
    _switchedAt = uint40(block.timestamp);
    emit StandbySwitched(active);
  }

  /// @inheritdoc IOracleAdapter
  function standbyActive() external view returns (bool) {
    return _standbyActive;
  }

  // ---------------------------------------------------------------------------------------------------------------- price

  /// @inheritdoc IOracle
  function price() external view returns (Price memory result) {
    _fill(result, 0);
  }

  /// @inheritdoc IOracle
  function priceSince(uint256 aliveUntil) external view returns (Price memory result) {
    _fill(result, aliveUntil);
  }

  /// @inheritdoc IOracleAdapter
  function config() external view returns (OracleConfig memory config_) {
    config_.collateralAsset = collateralAsset;
    config_.loanAsset = loanAsset;
    config_.primary = _configOf(_primary());
    config_.second = _configOf(_second());
    config_.standby = _configOf(_standby());
    config_.sequencerFeed = _sequencerFeed;
    config_.sequencerGrace = uint32(_sequencerGrace);
    config_.maxDisagreementBps = uint16(_maxDisagreementBps);
    config_.primaryGrace = uint32(_primaryGrace);
  }

  /// @dev Fills a zeroed result, which means STALE. Written for gas: this runs in every loan and every sale.
  /// @param since Moment up to which the caller knows the oracle alive; 0 when nothing has to be proved.
  function _fill(Price memory result, uint256 since) private view {
    bool suspect;
    if (_sequencerFeed != address(0)) {
      bool up;
      (up, result.liveSince) = _sequencer();
      if (!up) return;
      suspect = block.timestamp < result.liveSince + _sequencerGrace;
    }
    if (_standbyKind != SourceKind.NONE && block.timestamp < _switchedAt + _SWITCH_GRACE) suspect = true;

    Reading memory first;
    _readFirst(first);
    Reading memory other;
    if (_secondKind != SourceKind.NONE) {
      _readSecond(other);
      if (!first.alive || !other.alive) suspect = true;
    }
    if (!first.alive && !other.alive) return;

    _decide(result, first, other, suspect);
    result.aliveUntil = Math.max(first.aliveUntil, other.aliveUntil);
    if (since != 0 && since < block.timestamp) {
      result.liveSince = Math.max(result.liveSince, _interruption(first, other, since));
    }
  }

  /// @dev Deciding price, band and state from what is alive.
  function _decide(Price memory result, Reading memory first, Reading memory other, bool suspect) private view {
    uint256 deciding = first.alive ? first.price : other.price;
    uint256 low = deciding;
    uint256 high = deciding;
    if (first.alive && other.alive) {
      uint256 otherPrice = other.price;
      if (otherPrice < deciding) {
        low = (deciding * (_BPS - _maxDisagreementBps)) / _BPS;
        if (otherPrice < low) suspect = true;
        else low = otherPrice;
      } else if (otherPrice > deciding) {
        high = (deciding * (_BPS + _maxDisagreementBps)) / _BPS;
        if (otherPrice > high) suspect = true;
        else high = otherPrice;
      }
    }
    result.deciding = deciding;
    result.low = low;
    result.high = high;
    result.startBound = !first.alive && _bindsStarts(first) ? Math.max(deciding, first.price) : deciding;
    result.state = suspect ? OracleState.SUSPECT : OracleState.FRESH;
  }

  /// @dev Whether the last round of a primary that is dead by age is young enough to bind new starts.
  function _bindsStarts(Reading memory first) private view returns (bool) {
    return block.timestamp <= first.updatedAt + _source(_standbyIsFirst()).heartbeat + _primaryGrace;
  }

  // -------------------------------------------------------------------------------------------------------------- sources

  /// @dev Up, and since when. A feed that can't be read counts as down.
  function _sequencer() private view returns (bool up, uint256 since) {
    if (gasleft() < _FEED_GAS_NEEDED) revert InsufficientGas(gasleft(), _FEED_GAS_NEEDED);
    (bool success, , bytes memory result) = LibCall.tryStaticCall(
      _sequencerFeed,
      _FEED_GAS,
      160,
      abi.encodeCall(IAggregatorV3.latestRoundData, ())
    );
    if (!success || result.length != 160) return (false, 0);
    int256 answer;
    (, answer, since) = abi.decode(result, (uint256, int256, uint256));
    up = answer == 0 && since != 0 && since <= block.timestamp;
  }

  function _readFirst(Reading memory reading) private view {
    if (_standbyIsFirst()) {
      _read(
        reading,
        _standbyKind,
        _standbyTarget,
        _standbyHeartbeat,
        _standbyMin,
        _standbyMax,
        _standbyMultiplier,
        _standbyDivisor
      );
    } else {
      _read(
        reading,
        _primaryKind,
        _primaryTarget,
        _primaryHeartbeat,
        _primaryMin,
        _primaryMax,
        _primaryMultiplier,
        _primaryDivisor
      );
    }
  }

  function _readSecond(Reading memory reading) private view {
    _read(
      reading,
      _secondKind,
      _secondTarget,
      _secondHeartbeat,
      _secondMin,
      _secondMax,
      _secondMultiplier,
      _secondDivisor
    );
  }

  /// @dev Arguments instead of a struct: two structs a reading cost 1.5k gas.
  function _read(
    Reading memory reading,
    SourceKind kind,
    address target,
    uint256 heartbeat,
    uint256 minPrice,
    uint256 maxPrice,
    uint256 multiplier,
    uint256 divisor
  ) private view {
    uint256 price_;
    uint256 updatedAt;
    if (kind == SourceKind.CHAINLINK) {
      bool ok;
      (ok, reading.roundId, price_, updatedAt) = ChainlinkFeed.latestRound(target);
      // An answer that would overflow is far above any bound.
      if (!ok || price_ > type(uint128).max) return;
      price_ = (price_ * multiplier) / divisor;
    } else {
      bool ok;
      (ok, price_, updatedAt) = _readFeed(target);
      if (!ok) return;
    }
    if (updatedAt == 0 || price_ <= minPrice || price_ >= maxPrice) return;
    reading.price = price_;
    reading.updatedAt = updatedAt;
    if (block.timestamp - updatedAt > heartbeat) return;
    reading.alive = true;
    // Rounds vouch for their heartbeat; other feeds only for now.
    reading.aliveUntil = kind == SourceKind.CHAINLINK ? updatedAt + heartbeat + _LATENESS : block.timestamp;
  }

  function _readFeed(address feed) private view returns (bool ok, uint256 price_, uint256 updatedAt) {
    if (gasleft() < _FEED_GAS_NEEDED) revert InsufficientGas(gasleft(), _FEED_GAS_NEEDED);
    (bool success, , bytes memory result) = LibCall.tryStaticCall(
      feed,
      _FEED_GAS,
      64,
      abi.encodeCall(IPriceFeed.read, ())
    );
    if (!success || result.length != 64) return (false, 0, 0);
    (price_, updatedAt) = abi.decode(result, (uint256, uint256));
    if (updatedAt > block.timestamp) updatedAt = 0;
    ok = true;
  }

  /// @dev End of the last interruption after `since`; 0 for none. One source that lived through is enough.
  function _interruption(Reading memory first, Reading memory other, uint256 since) private view returns (uint256) {
    uint256 interruption = _interruptionOf(_source(_standbyIsFirst()), first, since);
    if (interruption == 0) return 0;
    return Math.min(interruption, _interruptionOf(_second(), other, since));
  }

  /// @dev Now for a source that is dead. Feeds without rounds remember nothing and count as never interrupted.
  function _interruptionOf(Source memory source, Reading memory reading, uint256 since) private view returns (uint256) {
    if (!reading.alive) return block.timestamp;
    if (source.kind == SourceKind.FEED) return 0;
    uint256 roundId = reading.roundId;
    uint256 updatedAt = reading.updatedAt;
    for (uint256 walked = 0; updatedAt > since; ++walked) {
      if (walked == _MAX_WALK || roundId == 0) return updatedAt;
      (bool ok, , , uint256 earlier) = ChainlinkFeed.roundAt(source.target, roundId - 1);
      if (!ok || earlier == 0 || earlier > updatedAt) return updatedAt;
      if (updatedAt - earlier > source.heartbeat + _LATENESS) return updatedAt;
      roundId -= 1;
      updatedAt = earlier;
    }
    return 0;
  }

  /// @dev Reads storage only where a standby was approved.
  function _standbyIsFirst() private view returns (bool) {
    return _standbyKind != SourceKind.NONE && _standbyActive;
  }

  function _source(bool standby) private view returns (Source memory) {
    return standby ? _standby() : _primary();
  }

  function _primary() private view returns (Source memory) {
    return
      Source(
        _primaryKind,
        _primaryTarget,
        _primaryHeartbeat,
        _primaryMin,
        _primaryMax,
        _primaryMultiplier,
        _primaryDivisor
      );
  }

  function _second() private view returns (Source memory) {
    return
      Source(_secondKind, _secondTarget, _secondHeartbeat, _secondMin, _secondMax, _secondMultiplier, _secondDivisor);
  }

  function _standby() private view returns (Source memory) {
    return
      Source(
        _standbyKind,
        _standbyTarget,
        _standbyHeartbeat,
        _standbyMin,
        _standbyMax,
        _standbyMultiplier,
        _standbyDivisor
      );
  }

  function _configOf(Source memory source) private pure returns (SourceConfig memory) {
    return SourceConfig(source.kind, source.target, uint32(source.heartbeat), source.minPrice, source.maxPrice);
  }

  // ----------------------------------------------------------------------------------------------------------- construction

  /// @dev Checks a source and works out its scale: 10^(36 + loan decimals - collateral decimals - feed decimals).
  function _checked(
    SourceConfig memory source,
    OracleConfig memory config_
  ) private view returns (Source memory checked) {
    if (source.kind == SourceKind.NONE) return checked;
    if (source.target.code.length == 0 || source.heartbeat == 0) revert InvalidSource(source.target);
    if (source.minPrice == 0 || source.minPrice >= source.maxPrice || source.maxPrice > type(uint160).max) {
      revert InvalidBounds(source.minPrice, source.maxPrice, 0);
    }
    checked = Source(source.kind, source.target, source.heartbeat, source.minPrice, source.maxPrice, 1, 1);
    if (source.kind == SourceKind.CHAINLINK) {
      uint256 feedDecimals = IAggregatorV3(source.target).decimals();
      uint256 up = _PRICE_DECIMALS + IERC20Metadata(config_.loanAsset).decimals();
      uint256 down = feedDecimals + IERC20Metadata(config_.collateralAsset).decimals();
      if (feedDecimals > _MAX_DECIMALS || up > _PRICE_DECIMALS + _MAX_DECIMALS || down > 2 * _MAX_DECIMALS) {
        revert InvalidSource(source.target);
      }
      if (up >= down) checked.multiplier = 10 ** (up - down);
      else checked.divisor = 10 ** (down - up);
      // Answers are held under 2^128.
      if (checked.multiplier > type(uint128).max) revert InvalidSource(source.target);
    } else {
      IPriceFeed feed = IPriceFeed(source.target);
      if (feed.collateralAsset() != config_.collateralAsset || feed.loanAsset() != config_.loanAsset) {
        revert InvalidSource(source.target);
      }
    }
    Reading memory reading;
    _read(
      reading,
      checked.kind,
      checked.target,
      checked.heartbeat,
      checked.minPrice,
      checked.maxPrice,
      checked.multiplier,
      checked.divisor
    );
    if (!reading.alive) revert InvalidBounds(source.minPrice, source.maxPrice, reading.price);
  }
}
