// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {IVaultBorrowing} from "../interfaces/IVaultBorrowing.sol";
import {IVaultCore} from "../interfaces/IVaultCore.sol";
import {IVaultDeleveraging} from "../interfaces/IVaultDeleveraging.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {TokenMoves} from "../libraries/TokenMoves.sol";
import {DeleverageParams} from "../types/Deleveraging.sol";
import {PauseBits} from "../types/Params.sol";
import {Position} from "../types/Position.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {Totals} from "../types/Totals.sol";
import {VaultLosses} from "./VaultLosses.sol";

/// @title VaultDeleveraging
/// @notice Selling a healthy position's collateral at its owner's wish, by a contract that he let in: a layer of
/// `VaultExtension`.
/// @dev ASSUMPTIONS: none about that contract; all that it may do is checked here. LIVENESS: needs the oracle FRESH and sales
/// unpaused; stops nothing else. ROUNDING: the least payment up, what the debt falls by down.
/// STORAGE: under a name of its own (ERC-7201), since what follows `VaultState` in the vault's storage is the vault's.
abstract contract VaultDeleveraging is VaultLosses, IVaultDeleveraging {
  using SafeERC20 for IERC20;
  using SlotDerivation for bytes32;
  using StorageSlot for bytes32;

  bytes32 private constant _SET_DELEVERAGER_TYPEHASH = keccak256(
    "SetDeleverager(address owner,address deleverager,bool approved,uint256 nonce,uint256 deadline)"
  );
  /// @dev `mapping(address owner => mapping(address deleverager => bool))`.
  bytes32 private constant _APPROVALS =
    keccak256(abi.encode(uint256(keccak256("gavel.storage.VaultDeleveraging.approvals")) - 1)) &
      ~bytes32(uint256(0xff));
  /// @dev `mapping(address owner => uint256)`.
  bytes32 private constant _NONCES =
    keccak256(abi.encode(uint256(keccak256("gavel.storage.VaultDeleveraging.nonces")) - 1)) & ~bytes32(uint256(0xff));

  // ----------------------------------------------------------------------------------------------------------- approvals

  /// @inheritdoc IVaultDeleveraging
  function setDeleverager(address deleverager, bool approved) external {
    _useDeleveragerNonce(msg.sender);
    _setDeleverager(msg.sender, deleverager, approved);
  }

  /// @inheritdoc IVaultDeleveraging
  function setDeleveragerWithSig(
    address owner,
    address deleverager,
    bool approved,
    uint256 deadline,
    bytes calldata signature
  ) external {
    bytes32 digest = MessageHashUtils.toTypedDataHash(
      IVaultCore(address(this)).DOMAIN_SEPARATOR(),
      keccak256(
        abi.encode(_SET_DELEVERAGER_TYPEHASH, owner, deleverager, approved, _useDeleveragerNonce(owner), deadline)
      )
    );
    if (block.timestamp > deadline || !SignatureChecker.isValidSignatureNowCalldata(owner, digest, signature)) {
      revert InvalidDeleveragerSignature(owner, deadline);
    }
    _setDeleverager(owner, deleverager, approved);
  }

  /// @inheritdoc IVaultDeleveraging
  function isDeleverager(address owner, address deleverager) external view returns (bool) {
    return _approval(owner, deleverager).value;
  }

  /// @inheritdoc IVaultDeleveraging
  function deleveragerNonce(address owner) external view returns (uint256) {
    return _nonce(owner).value;
  }

  function _setDeleverager(address owner, address deleverager, bool approved) private {
    _approval(owner, deleverager).value = approved;
    emit DeleveragerSet(owner, deleverager, approved);
  }

  function _useDeleveragerNonce(address owner) private returns (uint256) {
    return _nonce(owner).value++;
  }

  function _approval(
    address owner,
    address deleverager
  ) private pure returns (StorageSlot.BooleanSlot storage approval) {
    return _APPROVALS.deriveMapping(owner).deriveMapping(deleverager).getBooleanSlot();
  }

  function _nonce(address owner) private pure returns (StorageSlot.Uint256Slot storage nonce) {
    return _NONCES.deriveMapping(owner).getUint256Slot();
  }

  // ---------------------------------------------------------------------------------------------------------- deleveraging

  /// @inheritdoc IVaultDeleveraging
  /// @dev Eligibility → price → effects → post-conditions → event → collateral out → callback → payment in.
  function deleverage(DeleverageParams calldata params_) external accrued nonReentrant {
    address borrower = params_.borrower;
    if (!_approval(borrower, msg.sender).value) revert NotDeleverager(msg.sender, borrower);
    _requireUnpaused(PauseBits.SALES);
    if (params_.collateral == 0 || params_.repay == 0) revert IVaultBorrowing.ZeroAmount();
    Position memory position_ = _loadPosition(borrower);
    Totals memory totals_ = _loadTotals();
    Price memory price = _price();
    if (price.state != OracleState.FRESH) revert IVaultBorrowing.OracleNotFresh();
    if ((price.deciding | price.low) >= SaleMath.MAX_PRICE) revert IVaultSales.PriceTooHigh();
    if (position_.saleStartedAt != 0) {
      (bool over, bool rests) = _isOver(position_, totals_, price.deciding);
      if (!over) revert SaleIsLive(borrower);
      _clearSale(position_, borrower, IVaultSales.EndReason.RECOVERED, rests);
    }
    _requireHealthy(position_, borrower, _debtUp(position_, totals_), price.deciding);
    _requirePaid(params_, price.low);

    _reduce(position_, totals_, params_, price);
    _storePosition(borrower, position_);
    _storeTotals(totals_);
    emit Deleverage(borrower, msg.sender, params_.receiver, params_.repay, params_.collateral);
    _exchange(params_, totals_.cash);
  }

  function _requireHealthy(Position memory position_, address borrower, uint256 debt, uint256 deciding) private view {
    uint256 most = SaleMath.maxDebt(position_.collateral, deciding, _liquidationLtv());
    if (debt > most) revert PositionUnhealthy(borrower, debt, most);
  }

  /// @dev The floor is that of the terms which a sale would get now.
  function _requirePaid(DeleverageParams calldata params_, uint256 low) private view {
    uint256 floor = SaleMath.floorPrice(low, _loadTerms(_loadParams().termsId).maxDiscountBps);
    uint256 least = SaleMath.valueUp(params_.collateral, floor);
    if (params_.repay < least) revert PaymentTooLow(params_.repay, least);
  }

  /// @dev Takes collateral and debt off the position, in memory, and checks what stays.
  function _reduce(
    Position memory position_,
    Totals memory totals_,
    DeleverageParams calldata params_,
    Price memory price
  ) private {
    uint256 held = position_.collateral;
    if (params_.collateral > held) {
      revert IVaultBorrowing.InsufficientPositionCollateral(params_.collateral, held);
    }
    uint256 debtBefore = _debtUp(position_, totals_);
    if (params_.repay > debtBefore) revert RepaysTooMuch(params_.repay, debtBefore);
    totals_.cash += params_.repay;
    _decreaseDebt(position_, totals_, params_.repay, debtBefore);
    position_.collateral = held - params_.collateral;

    uint256 debt = _debtUp(position_, totals_);
    uint256 minDebt = IVaultCore(address(this)).minDebt();
    if (debt != 0 && debt < minDebt) revert IVaultBorrowing.DebtBelowMinimum(debt, minDebt);
    if (debt * held >= debtBefore * position_.collateral) {
      revert LtvNotLower(debtBefore, held, debt, position_.collateral);
    }
    // The limit is rounded down: by that unit a sale that lowers the LTV a little could still leave the position unhealthy.
    _requireHealthy(position_, params_.borrower, debt, price.deciding);
    // A mark may have outlived its sale.
    SaleTerms memory none;
    _remark(position_, totals_, params_.borrower, price, none, debt);
  }

  function _exchange(DeleverageParams calldata params_, uint256 cash) private {
    IERC20(IVaultCore(address(this)).collateralAsset()).safeTransfer(params_.receiver, params_.collateral);
    if (params_.data.length != 0) {
      bytes4 magic = ITakeCallback(msg.sender).onTake(params_.repay, params_.collateral, params_.data);
      TokenMoves.requireMagic(msg.sender, magic, ITakeCallback.onTake.selector);
    }
    TokenMoves.pull(IERC20(IVaultCore(address(this)).asset()), msg.sender, params_.repay, cash);
  }
}
