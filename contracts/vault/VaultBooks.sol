// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {ICurve} from "../interfaces/ICurve.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IRateModel} from "../interfaces/IRateModel.sol";
import {IVaultCore} from "../interfaces/IVaultCore.sol";
import {GasGuard} from "../libraries/GasGuard.sol";
import {InterestMath} from "../libraries/InterestMath.sol";
import {Limits} from "../libraries/Limits.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {TokenMoves} from "../libraries/TokenMoves.sol";
import {ParamsPacking} from "../types/Params.sol";
import {Totals, TotalsPacking} from "../types/Totals.sol";
import {VaultConfig} from "../types/VaultConfig.sol";
import {VaultAuthoritySlot} from "./VaultAuthoritySlot.sol";
import {VaultState} from "./VaultState.sol";

/// @title VaultBooks
/// @notice First layer of the vault: how interest comes into the books, what lenders may claim, how tokens move.
/// @dev ROUNDING: sums of debt down, single debts up, so that what borrowers owe one by one always covers the books. The reserve's
/// share of interest is never more than the interest, and however often somebody accrues it is the same to the unit while
/// debts stand; each change of the debts moves it by less than a unit.
/// LIVENESS: a rate model that fails is charged at its last state; a rate above `Limits.MAX_RATE` is held to it; the index saturates.
abstract contract VaultBooks is VaultAuthoritySlot, VaultState, ERC4626, ERC20Permit, IVaultCore {
  using SafeERC20 for IERC20;

  /// @dev Virtual shares: moving the price against the first depositor costs a million times what it takes.
  uint8 private constant _SHARE_DECIMALS_OFFSET = 6;
  uint256 internal constant _VIRTUAL_SHARES = 10 ** _SHARE_DECIMALS_OFFSET;

  address internal immutable _collateralAsset;
  address internal immutable _oracle;
  address internal immutable _rateModel;
  address internal immutable _curve;
  address internal immutable _directLiquidator;
  address internal immutable _batchLiquidator;
  address internal immutable _backstop;
  uint256 internal immutable _minDebt;

  constructor(
    VaultConfig memory config
  ) ERC20(config.name, config.symbol) ERC4626(IERC20(config.asset)) ERC20Permit(config.name) {
    if (config.asset == config.collateralAsset) revert SameAsset();
    IOracle oracle_ = IOracle(config.oracle);
    if (oracle_.collateralAsset() != config.collateralAsset || oracle_.loanAsset() != config.asset) {
      revert WrongOraclePair(oracle_.collateralAsset(), oracle_.loanAsset());
    }
    _collateralAsset = config.collateralAsset;
    _oracle = config.oracle;
    _rateModel = config.rateModel;
    _curve = config.curve;
    _directLiquidator = config.directLiquidator;
    _batchLiquidator = config.batchLiquidator;
    _backstop = config.backstop;
    _minDebt = config.minDebt;
    Totals memory totals_;
    totals_.index = SaleMath.WAD;
    totals_.accruedAt = block.timestamp;
    (, totals_.rateState) = _rate(0, 0, 0);
    _storeTotals(totals_);
  }

  function _saleCurve() internal view override returns (ICurve) {
    return ICurve(_curve);
  }

  // ------------------------------------------------------------------------------------------------------ interest

  /// @dev The books with interest up to now, not yet stored.
  function _accrued() internal view returns (Totals memory totals_) {
    _readAccrued(totals_);
  }

  function _readAccrued(Totals memory totals_) internal view {
    TotalsPacking.unpack(totals_, _totalsSlot0, _totalsSlot1);
    uint256 elapsed = block.timestamp - totals_.accruedAt;
    if (elapsed == 0) return;
    totals_.accruedAt = block.timestamp;

    uint256 debtBefore = InterestMath.toAssetsDown(totals_.scaledDebt, totals_.index);
    uint256 lent = debtBefore + totals_.cash;
    uint256 utilisation = lent == 0 ? 0 : (debtBefore * SaleMath.WAD) / lent;
    uint256 rate;
    (rate, totals_.rateState) = _rate(totals_.rateState, utilisation, elapsed);
    totals_.index = InterestMath.accruedIndex(totals_.index, InterestMath.growth(rate, elapsed));

    // The reserve's share of the debt after less that before, each rounded down: over any number of accruals the sum is that of
    // one. Debts are under 2^116, and the index never falls.
    uint256 debtAfter = InterestMath.toAssetsDown(totals_.scaledDebt, totals_.index);
    uint256 shareBps = ParamsPacking.reserveFactorBps(_paramsSlot);
    unchecked {
      _addReserve(totals_, (debtAfter * shareBps) / BPS - (debtBefore * shareBps) / BPS);
    }
  }

  /// @dev Asks the rate model; falls back to its last state. Reads at most two words of whatever it returns.
  function _rate(
    uint256 state,
    uint256 utilisation,
    uint256 elapsed
  ) private view returns (uint256 rate, uint256 newState) {
    GasGuard.requireGas(Limits.RATE_MODEL_GAS);
    (bool success, , bytes memory result) = LibCall.tryStaticCall(
      _rateModel,
      Limits.RATE_MODEL_GAS,
      64,
      abi.encodeCall(IRateModel.rate, (state, utilisation, elapsed))
    );
    uint256 next = state;
    rate = state;
    if (success && result.length == 64) (rate, next) = abi.decode(result, (uint256, uint256));
    rate = FixedPointMathLib.min(rate, Limits.MAX_RATE);
    newState = FixedPointMathLib.min(next, type(uint40).max);
  }

  /// @dev What does not fit stays with the lenders.
  function _addReserve(Totals memory totals_, uint256 assets) internal pure {
    totals_.reserve = FixedPointMathLib.min(totals_.reserve + assets, type(uint88).max);
  }

  function _debtDown(Totals memory totals_) internal pure returns (uint256) {
    return InterestMath.toAssetsDown(totals_.scaledDebt, totals_.index);
  }

  // ---------------------------------------------------------------------------------------------------- lenders' claims

  /// @dev Lenders' claims when no mark counts, loan units: what entrants pay for. A loss that the backstop may still pay for
  /// counts as if it were paid.
  function _fullAssets(Totals memory totals_) internal view returns (uint256) {
    uint256 pending = totals_.marked ? _pendingLoss : 0;
    return FixedPointMathLib.zeroFloorSub(totals_.cash + _debtDown(totals_) + pending, totals_.reserve);
  }

  /// @dev Lenders' claims with marks, loan units: what leavers get. Marks eat the reserve first.
  function _markedAssets(Totals memory totals_) internal view returns (uint256) {
    if (!totals_.marked) return _fullAssets(totals_);
    return
      FixedPointMathLib.zeroFloorSub(
        totals_.cash + _debtDown(totals_),
        FixedPointMathLib.max(totals_.reserve, _markTotal(totals_))
      );
  }

  function _markTotal(Totals memory totals_) internal view returns (uint256) {
    return InterestMath.toAssetsDown(_totalScaledMarks, totals_.index);
  }

  function _sharesDown(uint256 assets, uint256 claims) internal view returns (uint256) {
    return FixedPointMathLib.fullMulDiv(assets, totalSupply() + _VIRTUAL_SHARES, claims + 1);
  }

  function _sharesUp(uint256 assets, uint256 claims) internal view returns (uint256) {
    return FixedPointMathLib.fullMulDivUp(assets, totalSupply() + _VIRTUAL_SHARES, claims + 1);
  }

  function _assetsDown(uint256 shares, uint256 claims) internal view returns (uint256) {
    return FixedPointMathLib.fullMulDiv(shares, claims + 1, totalSupply() + _VIRTUAL_SHARES);
  }

  function _assetsUp(uint256 shares, uint256 claims) internal view returns (uint256) {
    return FixedPointMathLib.fullMulDivUp(shares, claims + 1, totalSupply() + _VIRTUAL_SHARES);
  }

  /// @inheritdoc IERC20Metadata
  function decimals() public view override(ERC4626, ERC20, IERC20Metadata) returns (uint8) {
    return ERC4626.decimals();
  }

  /// @inheritdoc IERC20Permit
  function nonces(address owner) public view override(ERC20Permit, IERC20Permit) returns (uint256) {
    return super.nonces(owner);
  }

  /// @inheritdoc IERC5267
  /// @dev The same answer as OpenZeppelin's, without the reading of short strings: the name is the token's.
  function eip712Domain()
    public
    view
    override(EIP712)
    returns (
      bytes1 fields,
      string memory domainName,
      string memory version,
      uint256 chainId,
      address verifyingContract,
      bytes32 salt,
      uint256[] memory extensions
    )
  {
    return (hex"0f", name(), "1", block.chainid, address(this), bytes32(0), new uint256[](0));
  }

  function _decimalsOffset() internal pure override returns (uint8) {
    return _SHARE_DECIMALS_OFFSET;
  }

  // ----------------------------------------------------------------------------------------------------------- tokens

  /// @dev Books first: `cash` already holds the payment.
  function _pullLoan(address from, uint256 assets, uint256 cash) internal {
    if (assets != 0) TokenMoves.pull(IERC20(asset()), from, assets, cash);
  }

  /// @dev No sum of collateral is kept, so what comes in is measured.
  function _pullCollateral(address from, uint256 assets) internal {
    TokenMoves.pullMeasured(IERC20(_collateralAsset), from, assets);
  }

  function _pushLoan(address to, uint256 assets) internal {
    IERC20(asset()).safeTransfer(to, assets);
  }

  function _pushCollateral(address to, uint256 assets) internal {
    IERC20(_collateralAsset).safeTransfer(to, assets);
  }
}
