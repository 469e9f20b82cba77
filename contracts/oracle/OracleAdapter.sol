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
    if (_standbyTarget != address(0) && block.timestamp < _switchedAt + _SWITCH_GRACE) suspect = true;

    (uint256 deciding, uint256 expiry, uint256 roundId) = _readFirst();
    uint256 otherPrice;
    uint256 otherExpiry;
    uint256 otherRoundId;
    if (_secondTarget != address(0)) (otherPrice, otherExpiry, otherRoundId) = _readSecond();

    if (expiry >= block.timestamp) {
      result.startBound = deciding;
      if (otherExpiry >= block.timestamp) {
        if (_band(result, deciding, otherPrice)) suspect = true;
      } else {
        result.low = deciding;
        result.high = deciding;
        if (_secondTarget != address(0)) suspect = true;
      }
    } else {
      if (otherExpiry < block.timestamp) return;
      // The last price of a primary that is dead by age binds new starts for a while.
      bool binds = block.timestamp <= expiry + _primaryGrace && deciding > otherPrice;
      result.startBound = binds ? deciding : otherPrice;
      deciding = otherPrice;
      result.low = deciding;
      result.high = deciding;
      suspect = true;
    }
    result.deciding = deciding;
    result.state = suspect ? OracleState.SUSPECT : OracleState.FRESH;
    result.aliveUntil = Math.max(expiry, otherExpiry) + _LATENESS;
    if (since != 0 && since < block.timestamp) {
      uint256 interruption = _interruption(expiry, roundId, otherExpiry, otherRoundId, since);
      if (interruption > result.liveSince) result.liveSince = interruption;
    }
  }

  /// @dev Band of two live sources, clamped around the deciding one. Prices are under 2^160.
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
    uint256 updatedAt;
    if (hasRounds) (roundId, answer, updatedAt) = ChainlinkFeed.latestRound(target);
    else (answer, updatedAt) = _readFeed(target);
    // Also refuses what could not be read and negative answers, which are the highest numbers here.
    if (answer <= minAnswer || answer >= maxAnswer || updatedAt == 0) return (0, 0, 0);
    // Nothing overflows: the answer is under 2^128 where the multiplier is not 1, which is under 2^128; a time that has passed
    // and a heartbeat are small.
    unchecked {
      price_ = (answer * multiplier) / divisor;
      expiry = updatedAt + heartbeat;
    }
  }

  /// @dev Zeros when it can't be read.
  function _readFeed(address feed) private view returns (uint256 price_, uint256 updatedAt) {
    if (gasleft() < _FEED_GAS_NEEDED) revert InsufficientGas(gasleft(), _FEED_GAS_NEEDED);
    (bool success, , bytes memory result) = LibCall.tryStaticCall(
      feed,
      _FEED_GAS,
      64,
      abi.encodeCall(IPriceFeed.read, ())
    );
    if (!success || result.length != 64) return (0, 0);
    (price_, updatedAt) = abi.decode(result, (uint256, uint256));
    if (updatedAt > block.timestamp) updatedAt = 0;
  }

  /// @dev End of the last interruption after `since`; 0 for none. One source that lived through is enough.
  function _interruption(
    uint256 expiry,
    uint256 roundId,
    uint256 otherExpiry,
    uint256 otherRoundId,
    uint256 since
  ) private view returns (uint256) {
    bool standby = _standbyIsFirst();
    uint256 interruption = _interruptionOf(
      standby ? _standbyHasRounds : _primaryHasRounds,
      standby ? _standbyTarget : _primaryTarget,
      standby ? _standbyHeartbeat : _primaryHeartbeat,
      expiry,
      roundId,
      since
    );
    if (interruption == 0) return 0;
    return
      Math.min(
        interruption,
        _interruptionOf(_secondHasRounds, _secondTarget, _secondHeartbeat, otherExpiry, otherRoundId, since)
      );
  }

  /// @dev Now for a source that is dead. Feeds without rounds remember nothing and count as never interrupted.
  function _interruptionOf(
    bool hasRounds,
    address target,
    uint256 heartbeat,
    uint256 expiry,
    uint256 roundId,
    uint256 since
  ) private view returns (uint256) {
    if (expiry < block.timestamp) return block.timestamp;
    if (!hasRounds) return 0;
    uint256 updatedAt = expiry - heartbeat;
    for (uint256 walked = 0; updatedAt > since; ++walked) {
      if (walked == _MAX_WALK || roundId == 0) return updatedAt;
      (, , uint256 earlier) = ChainlinkFeed.roundAt(target, roundId - 1);
      if (earlier == 0 || earlier > updatedAt) return updatedAt;
      if (updatedAt - earlier > heartbeat + _LATENESS) return updatedAt;
      roundId -= 1;
      updatedAt = earlier;
    }
    return 0;
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
    if (source.target.code.length == 0 || source.heartbeat == 0) revert InvalidSource(source.target);
    if (source.minPrice == 0 || source.minPrice >= source.maxPrice || source.maxPrice > type(uint160).max) {
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
      // Answers are held under 2^128, so that a product fits.
      if (checked.multiplier > type(uint128).max) revert InvalidSource(source.target);
      // The greatest answer whose price is at most `minPrice`, and the smallest whose price is at least `maxPrice`.
      checked.minAnswer = _answerAt(source.minPrice + 1, checked) - 1;
      checked.maxAnswer = Math.min(_answerAt(source.maxPrice, checked), type(uint128).max);
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
