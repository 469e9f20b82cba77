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
import {GasGuard} from "../libraries/GasGuard.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {OracleState, Price} from "../types/Price.sol";
import {OracleConfig, SourceConfig, SourceKind} from "../types/SourceConfig.sol";
import {ChainlinkFeed} from "./feeds/ChainlinkFeed.sol";

/// @title OracleAdapter
/// @notice Oracle of one pair: a primary source that decides, an optional second one that is compared with it and stands in
/// for it, and an optional pre-approved standby that the guardian can put in the primary's place, and nothing else.
/// @dev ASSUMPTIONS: sources are chosen with care at construction and fixed; each may fail in any way later.
/// LIVENESS: reading never reverts because of a source; it only degrades the state. A caller must bring the gas that every
/// source is allowed (`GasGuard`), so that nobody can starve one and choose the state.
/// ROUNDING: prices down.
contract OracleAdapter is IOracleAdapter, AccessManaged {
  /// @dev One source in immutables. Bounds are kept twice: as configured, and in the units of its answers, so that a reading is
  /// compared before it is scaled.
  struct Source {
    bool hasRounds;
    address target;
    uint256 heartbeat;
    uint256 minPrice;
    uint256 maxPrice;
    uint256 minAnswer;
    uint256 maxAnswer;
    uint256 multiplier;
    uint256 divisor;
  }

  uint256 private constant _BPS = 10_000;
  uint256 private constant _PRICE_DECIMALS = 36;
  uint256 private constant _MAX_DECIMALS = 36;
  uint256 private constant _MAX_DISAGREEMENT_BPS = 5_000;
  uint256 private constant _MAX_HEARTBEAT = 30 days;
  /// @dev State is SUSPECT that long after a switch between primary and standby.
  uint256 private constant _SWITCH_GRACE = 1 hours;
  uint256 private constant _MAX_PRIMARY_GRACE = 1 hours;
  /// @dev By how much an hour the band widens in which a pool alone may set the price.
  uint256 private constant _POOL_BPS_PER_HOUR = 500;
  uint256 private constant _FEED_GAS = 500_000;
  /// @dev A feed that looks back reads many rounds.
  uint256 private constant _LOOK_BACK_GAS = 2_000_000;

  /// @inheritdoc IOracle
  address public immutable collateralAsset;
  /// @inheritdoc IOracle
  address public immutable loanAsset;

  bool private immutable _primaryHasRounds;
  address private immutable _primaryTarget;
  uint256 private immutable _primaryHeartbeat;
  uint256 private immutable _primaryMin;
  uint256 private immutable _primaryMax;
  uint256 private immutable _primaryMinAnswer;
  uint256 private immutable _primaryMaxAnswer;
  uint256 private immutable _primaryMultiplier;
  uint256 private immutable _primaryDivisor;

  bool private immutable _secondHasRounds;
  address private immutable _secondTarget;
  uint256 private immutable _secondHeartbeat;
  uint256 private immutable _secondMin;
  uint256 private immutable _secondMax;
  uint256 private immutable _secondMinAnswer;
  uint256 private immutable _secondMaxAnswer;
  uint256 private immutable _secondMultiplier;
  uint256 private immutable _secondDivisor;

  bool private immutable _standbyHasRounds;
  address private immutable _standbyTarget;
  uint256 private immutable _standbyHeartbeat;
  uint256 private immutable _standbyMin;
  uint256 private immutable _standbyMax;
  uint256 private immutable _standbyMinAnswer;
  uint256 private immutable _standbyMaxAnswer;
  uint256 private immutable _standbyMultiplier;
  uint256 private immutable _standbyDivisor;

  address private immutable _sequencerFeed;
  uint256 private immutable _sequencerGrace;
  uint256 private immutable _maxDisagreementBps;
  uint256 private immutable _primaryGrace;
  bool private immutable _secondIsPool;

  /// @dev One slot, read only where a standby was approved.
  bool private _standbyActive;
  uint40 private _switchedAt;
  /// @dev Last moment that somebody wrote down at which no source was alive. Read only where a look back is asked for.
  uint256 private _deadAt;

  constructor(OracleConfig memory config_, address authority_) AccessManaged(authority_) {
    if (
      config_.maxDisagreementBps == 0 ||
      config_.maxDisagreementBps > _MAX_DISAGREEMENT_BPS ||
      config_.primaryGrace > _MAX_PRIMARY_GRACE ||
      (config_.secondIsPool && config_.second.kind != SourceKind.FEED) ||
      config_.primary.kind == SourceKind.NONE ||
      config_.primary.target == config_.second.target ||
      config_.primary.target == config_.standby.target ||
      (config_.second.kind != SourceKind.NONE && config_.second.target == config_.standby.target) ||
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
    _secondIsPool = config_.secondIsPool;

    Source memory source = _checked(config_.primary, config_);
    _primaryHasRounds = source.hasRounds;
    _primaryTarget = source.target;
    _primaryHeartbeat = source.heartbeat;
    _primaryMin = source.minPrice;
    _primaryMax = source.maxPrice;
    _primaryMinAnswer = source.minAnswer;
    _primaryMaxAnswer = source.maxAnswer;
    _primaryMultiplier = source.multiplier;
    _primaryDivisor = source.divisor;

    source = _checked(config_.second, config_);
    _secondHasRounds = source.hasRounds;
    _secondTarget = source.target;
    _secondHeartbeat = source.heartbeat;
    _secondMin = source.minPrice;
    _secondMax = source.maxPrice;
    _secondMinAnswer = source.minAnswer;
    _secondMaxAnswer = source.maxAnswer;
    _secondMultiplier = source.multiplier;
    _secondDivisor = source.divisor;

    source = _checked(config_.standby, config_);
    _standbyHasRounds = source.hasRounds;
    _standbyTarget = source.target;
    _standbyHeartbeat = source.heartbeat;
    _standbyMin = source.minPrice;
    _standbyMax = source.maxPrice;
    _standbyMinAnswer = source.minAnswer;
    _standbyMaxAnswer = source.maxAnswer;
    _standbyMultiplier = source.multiplier;
    _standbyDivisor = source.divisor;
  }

  // --------------------------------------------------------------------------------------------------------------- switch

  /// @inheritdoc IOracleAdapter
  function setStandbyActive(bool active) external restricted {
    if (_standbyTarget == address(0)) revert NoStandby();
    if (active == _standbyActive) return;
    _standbyActive = active;
    _switchedAt = uint40(block.timestamp);
    emit StandbySwitched(active);
  }

  /// @inheritdoc IOracleAdapter
  function standbyActive() external view returns (bool) {
    return _standbyActive;
  }

  /// @inheritdoc IOracleAdapter
  function recordOutage() external {
    (, uint256 expiry, ) = _readFirst();
    uint256 otherExpiry;
    if (_secondTarget != address(0)) (, otherExpiry, ) = _readSecond();
    if (Math.max(expiry, otherExpiry) + ChainlinkFeed.LATENESS >= block.timestamp) revert StillAlive();
    _deadAt = block.timestamp;
    emit OutageRecorded();
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
    config_.secondIsPool = _secondIsPool;
  }

  /// @inheritdoc IOracle
  function firstPrice(uint256 window) external view returns (uint256 latest, uint256 earlier) {
    if (_isInGrace()) return (0, 0);
    uint256 expiry;
    uint256 roundId;
    (latest, expiry, roundId) = _readFirst();
    if (expiry < block.timestamp) return (0, 0);
    Source memory source = _standbyIsFirst() ? _standby() : _primary();
    if (!source.hasRounds || window == 0) return (latest, latest);
    ChainlinkFeed.Rules memory rules = ChainlinkFeed.Rules(source.heartbeat, source.minAnswer, source.maxAnswer);
    uint256 since = Math.saturatingSub(block.timestamp, window);
    uint256 answer = ChainlinkFeed.oldestSince(source.target, rules, roundId, expiry - source.heartbeat, since);
    earlier = answer == 0 ? latest : (answer * source.multiplier) / source.divisor;
  }

  /// @dev Whether the sequencer is down or was, or the first source was switched, within the grace of that.
  function _isInGrace() private view returns (bool) {
    if (_sequencerFeed != address(0)) {
      (bool up, uint256 since) = ChainlinkFeed.sequencerStatus(_sequencerFeed);
      if (!up || block.timestamp < since + _sequencerGrace) return true;
    }
    return _standbyTarget != address(0) && block.timestamp < _switchedAt + _SWITCH_GRACE;
  }

  /// @dev Fills a zeroed result, which means STALE. Written for gas: this runs in every loan and every sale.
  /// @param since Moment up to which the caller knows the oracle alive; 0 when nothing has to be proved.
  function _fill(Price memory result, uint256 since) private view {
    bool suspect;
    if (_sequencerFeed != address(0)) {
      bool up;
      (up, result.liveSince) = ChainlinkFeed.sequencerStatus(_sequencerFeed);
      if (!up) return;
      suspect = block.timestamp < result.liveSince + _sequencerGrace;
    }
    if (_standbyTarget != address(0)) {
      // The one before may have been dead for long: no clock counts from before the switch.
      uint256 switchedAt = _switchedAt;
      result.liveSince = Math.max(result.liveSince, switchedAt);
      if (block.timestamp < switchedAt + _SWITCH_GRACE) suspect = true;
    }

    (uint256 deciding, uint256 expiry, uint256 roundId) = _readFirst();
    uint256 otherPrice;
    uint256 otherExpiry;
    uint256 otherRoundId;
    if (_secondTarget != address(0)) (otherPrice, otherExpiry, otherRoundId) = _readSecond();

    if (expiry >= block.timestamp) {
      result.deciding = deciding;
      result.startBound = deciding;
      if (otherExpiry >= block.timestamp) {
        if (_band(result, deciding, otherPrice)) suspect = true;
      } else {
        result.low = deciding;
        result.high = deciding;
        if (_secondTarget != address(0)) suspect = true;
      }
    } else {
      if (otherExpiry < block.timestamp || !_standIn(result, deciding, expiry, otherPrice)) return;
      suspect = true;
    }
    result.state = suspect ? OracleState.SUSPECT : OracleState.FRESH;
    result.aliveUntil = block.timestamp + ChainlinkFeed.LATENESS;
    if (since != 0 && since < block.timestamp) {
      uint256 interruption = _interruption(expiry, roundId, otherExpiry, otherRoundId, since);
      if (_deadAt > since) interruption = Math.max(interruption, _deadAt);
      result.liveSince = Math.max(result.liveSince, interruption);
    }
  }

  /// @dev Prices while the second source alone is within its time.
  /// @param last Last price of the first source; 0 when it has none.
  /// @return decides Whether there is a price: what a pool alone says can stop sales, and set their price only near the last.
  function _standIn(
    Price memory result,
    uint256 last,
    uint256 expiry,
    uint256 other
  ) private view returns (bool decides) {
    uint256 deciding = other;
    result.startBound = other;
    if (last == 0) {
      if (_secondIsPool) return false;
    } else {
      uint256 late = block.timestamp - expiry;
      bool isInGrace = late <= _primaryGrace;
      if (late <= ChainlinkFeed.LATENESS) {
        _band(result, last, other);
        result.deciding = last;
        result.startBound = Math.max(last, other);
        return true;
      }
      if (isInGrace || _secondIsPool) {
        uint256 width = _maxDisagreementBps;
        if (!isInGrace) width += ((late - _primaryGrace) * _POOL_BPS_PER_HOUR) / 1 hours;
        uint256 most = (last * (_BPS + width)) / _BPS;
        if (other > most && !isInGrace) return false;
        uint256 least = (last * Math.saturatingSub(_BPS, width)) / _BPS;
        deciding = Math.max(least, Math.min(other, most));
        result.startBound = Math.max(deciding, isInGrace ? Math.max(last, other) : other);
      }
    }
    result.deciding = deciding;
    result.low = deciding;
    result.high = deciding;
    return true;
  }

  /// @dev Band of two live sources, clamped around the deciding one. Prices are under `SaleMath.MAX_PRICE`.
  /// @return clamped Whether they are further apart than the band.
  function _band(Price memory result, uint256 deciding, uint256 other) private view returns (bool clamped) {
    unchecked {
      uint256 low = deciding;
      uint256 high = deciding;
      if (other < deciding) {
        low = (deciding * (_BPS - _maxDisagreementBps)) / _BPS;
        clamped = other < low;
        if (!clamped) low = other;
      } else if (other > deciding) {
        high = (deciding * (_BPS + _maxDisagreementBps)) / _BPS;
        clamped = other > high;
        if (!clamped) high = other;
      }
      result.low = low;
      result.high = high;
    }
  }

  // -------------------------------------------------------------------------------------------------------------- sources

  function _readFirst() private view returns (uint256 price_, uint256 expiry, uint256 roundId) {
    if (_standbyIsFirst()) {
      return
        _read(
          _standbyHasRounds,
          _standbyTarget,
          _standbyHeartbeat,
          _standbyMinAnswer,
          _standbyMaxAnswer,
          _standbyMultiplier,
          _standbyDivisor
        );
    }
    return
      _read(
        _primaryHasRounds,
        _primaryTarget,
        _primaryHeartbeat,
        _primaryMinAnswer,
        _primaryMaxAnswer,
        _primaryMultiplier,
        _primaryDivisor
      );
  }

  function _readSecond() private view returns (uint256 price_, uint256 expiry, uint256 roundId) {
    return
      _read(
        _secondHasRounds,
        _secondTarget,
        _secondHeartbeat,
        _secondMinAnswer,
        _secondMaxAnswer,
        _secondMultiplier,
        _secondDivisor
      );
  }

  /// @dev Arguments instead of a struct, results on the stack: two structs a reading cost 1.5k gas.
  /// @return price_ Price; 0 when there is none.
  /// @return expiry Unix seconds up to which it may be used; 0 when there is none, in the past when it is dead by age only.
  /// @return roundId Round; 0 for feeds without rounds.
  function _read(
    bool hasRounds,
    address target,
    uint256 heartbeat,
    uint256 minAnswer,
    uint256 maxAnswer,
    uint256 multiplier,
    uint256 divisor
  ) private view returns (uint256 price_, uint256 expiry, uint256 roundId) {
    uint256 answer;
    if (hasRounds) {
      (roundId, answer, expiry) = ChainlinkFeed.latestRound(target);
      // A round's time has come already, and a heartbeat is small.
      unchecked {
        expiry += heartbeat;
      }
    } else {
      (answer, expiry) = _readFeed(target, heartbeat);
    }
    // Refuses what could not be read, which is 0, and negative answers, which are the highest numbers here, too.
    if (answer <= minAnswer || answer >= maxAnswer) return (0, 0, 0);
    // The bounds keep it under `SaleMath.MAX_PRICE`.
    unchecked {
      price_ = (answer * multiplier) / divisor;
    }
  }

  /// @dev Zeros when it can't be read, or vouches for a time further ahead than a heartbeat.
  function _readFeed(address feed, uint256 heartbeat) private view returns (uint256 price_, uint256 validUntil) {
    (bool whole, bytes memory result) = _callFeed(feed, _FEED_GAS, 64, abi.encodeCall(IPriceFeed.read, ()));
    if (!whole) return (0, 0);
    (price_, validUntil) = abi.decode(result, (uint256, uint256));
    if (validUntil > block.timestamp + heartbeat) return (0, 0);
  }

  /// @return whole Whether the call brought that many bytes.
  function _callFeed(
    address feed,
    uint256 gasAllowance,
    uint16 length,
    bytes memory call
  ) private view returns (bool whole, bytes memory result) {
    GasGuard.requireGas(gasAllowance);
    (whole, , result) = LibCall.tryStaticCall(feed, gasAllowance, length, call);
    whole = whole && result.length == length;
  }

  /// @dev End of the last interruption after `since`; 0 for none. One source that lived through is enough.
  function _interruption(
    uint256 expiry,
    uint256 roundId,
    uint256 otherExpiry,
    uint256 otherRoundId,
    uint256 since
  ) private view returns (uint256) {
    Source memory first = _standbyIsFirst() ? _standby() : _primary();
    uint256 interruption = _interruptionOf(first, expiry, roundId, since);
    if (interruption == 0) return 0;
    return Math.min(interruption, _interruptionOf(_second(), otherExpiry, otherRoundId, since));
  }

  /// @dev Now for a source that is dead, or can't say. One that is late is not dead yet.
  function _interruptionOf(
    Source memory source,
    uint256 expiry,
    uint256 roundId,
    uint256 since
  ) private view returns (uint256) {
    if (expiry + ChainlinkFeed.LATENESS < block.timestamp) return block.timestamp;
    if (source.hasRounds) {
      ChainlinkFeed.Rules memory rules = ChainlinkFeed.Rules(source.heartbeat, source.minAnswer, source.maxAnswer);
      return ChainlinkFeed.interruptedUntil(source.target, rules, roundId, expiry - source.heartbeat, since);
    }
    (bool whole, bytes memory result) = _callFeed(
      source.target,
      _LOOK_BACK_GAS,
      32,
      abi.encodeCall(IPriceFeed.interruptedUntil, (since))
    );
    if (!whole) return block.timestamp;
    return Math.min(abi.decode(result, (uint256)), block.timestamp);
  }

  /// @dev Reads storage only where a standby was approved.
  function _standbyIsFirst() private view returns (bool) {
    return _standbyTarget != address(0) && _standbyActive;
  }

  function _primary() private view returns (Source memory) {
    return
      Source(
        _primaryHasRounds,
        _primaryTarget,
        _primaryHeartbeat,
        _primaryMin,
        _primaryMax,
        _primaryMinAnswer,
        _primaryMaxAnswer,
        _primaryMultiplier,
        _primaryDivisor
      );
  }

  function _second() private view returns (Source memory) {
    return
      Source(
        _secondHasRounds,
        _secondTarget,
        _secondHeartbeat,
        _secondMin,
        _secondMax,
        _secondMinAnswer,
        _secondMaxAnswer,
        _secondMultiplier,
        _secondDivisor
      );
  }

  function _standby() private view returns (Source memory) {
    return
      Source(
        _standbyHasRounds,
        _standbyTarget,
        _standbyHeartbeat,
        _standbyMin,
        _standbyMax,
        _standbyMinAnswer,
        _standbyMaxAnswer,
        _standbyMultiplier,
        _standbyDivisor
      );
  }

  function _configOf(Source memory source) private pure returns (SourceConfig memory) {
    if (source.target == address(0)) return SourceConfig(SourceKind.NONE, address(0), 0, 0, 0);
    SourceKind kind = source.hasRounds ? SourceKind.CHAINLINK : SourceKind.FEED;
    return SourceConfig(kind, source.target, uint32(source.heartbeat), source.minPrice, source.maxPrice);
  }

  // ----------------------------------------------------------------------------------------------------------- construction

  /// @dev Checks a source and works out its scale: 10^(36 + loan decimals - collateral decimals - feed decimals).
  function _checked(
    SourceConfig memory source,
    OracleConfig memory config_
  ) private view returns (Source memory checked) {
    if (source.kind == SourceKind.NONE) return checked;
    if (source.target.code.length == 0 || source.heartbeat == 0 || source.heartbeat > _MAX_HEARTBEAT) {
      revert InvalidSource(source.target);
    }
    // The upper end of the band must still be a price that a sale can reckon with.
    uint256 highest = (SaleMath.MAX_PRICE / (_BPS + config_.maxDisagreementBps)) * _BPS;
    if (source.minPrice == 0 || source.minPrice >= source.maxPrice || source.maxPrice > highest) {
      revert InvalidBounds(source.minPrice, source.maxPrice, 0);
    }
    checked = Source(
      source.kind == SourceKind.CHAINLINK,
      source.target,
      source.heartbeat,
      source.minPrice,
      source.maxPrice,
      source.minPrice,
      source.maxPrice,
      1,
      1
    );
    if (source.kind == SourceKind.CHAINLINK) {
      uint256 feedDecimals = IAggregatorV3(source.target).decimals();
      uint256 up = _PRICE_DECIMALS + IERC20Metadata(config_.loanAsset).decimals();
      uint256 down = feedDecimals + IERC20Metadata(config_.collateralAsset).decimals();
      if (feedDecimals > _MAX_DECIMALS || up > _PRICE_DECIMALS + _MAX_DECIMALS || down > 2 * _MAX_DECIMALS) {
        revert InvalidSource(source.target);
      }
      if (up >= down) checked.multiplier = 10 ** (up - down);
      else checked.divisor = 10 ** (down - up);
      // The greatest answer whose price is at most `minPrice`, and the smallest whose price is at least `maxPrice`.
      checked.minAnswer = _answerAt(source.minPrice + 1, checked) - 1;
      checked.maxAnswer = Math.min(_answerAt(source.maxPrice, checked), uint256(type(int256).max));
    } else {
      IPriceFeed feed = IPriceFeed(source.target);
      if (feed.collateralAsset() != config_.collateralAsset || feed.loanAsset() != config_.loanAsset) {
        revert InvalidSource(source.target);
      }
    }
    (uint256 price_, uint256 expiry, ) = _read(
      checked.hasRounds,
      checked.target,
      checked.heartbeat,
      checked.minAnswer,
      checked.maxAnswer,
      checked.multiplier,
      checked.divisor
    );
    if (expiry < block.timestamp) revert InvalidBounds(source.minPrice, source.maxPrice, price_);
  }

  /// @dev Smallest answer whose price is at least this. Multiplier or divisor is 1.
  function _answerAt(uint256 price_, Source memory source) private pure returns (uint256) {
    return Math.saturatingMul(Math.ceilDiv(price_, source.multiplier), source.divisor);
  }
}
