// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IPyth} from "@pythnetwork/pyth-sdk-solidity/IPyth.sol";
import {PythStructs} from "@pythnetwork/pyth-sdk-solidity/PythStructs.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IOracleAdapter} from "../interfaces/IOracleAdapter.sol";
import {IPullOracle} from "../interfaces/IPullOracle.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVaultBorrowing} from "../interfaces/IVaultBorrowing.sol";
import {IVaultFactory} from "../interfaces/IVaultFactory.sol";
import {IVaultLosses} from "../interfaces/IVaultLosses.sol";
import {IVenueSeller} from "../interfaces/IVenueSeller.sol";
import {InterestMath} from "../libraries/InterestMath.sol";
import {PullPrice} from "../libraries/PullPrice.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {Position} from "../types/Position.sol";
import {OracleState, Price} from "../types/Price.sol";
import {PullConfig} from "../types/Pull.sol";
import {TakeManyParams, TakeParams} from "../types/TakeParams.sol";

/// @title PullOracle
/// @dev Read it in this order: `take` → `_bring` (update → raised price) → the vault, which asks `priceSince` → `onTake` →
/// `_requireNotEnded`.
/// The raised price lives from `_bring` to the callback of the one vault call made here, in transient storage. The vault is
/// locked meanwhile, and nobody but the vault is told it: nothing else can be done on it, neither there nor elsewhere.
/// ASSUMPTIONS: the factory's vaults run the vault's code; Pyth's contract verifies what it says it does; the adapter and the
/// feed speak of one pair. CUSTODY: nothing stays here; an allowance to this contract serves its owner's own calls alone.
/// LIVENESS: reading asks the adapter and nobody else: while Pyth is down only the calls here revert. ROUNDING: pulled prices up.
contract PullOracle is IPullOracle, ITakeCallback, ReentrancyGuardTransient {
  using SafeERC20 for IERC20;

  /// @dev What `onTake` is told through the vault.
  struct Payer {
    address caller;
    bytes data;
  }

  uint256 private constant _BPS = 10_000;
  int256 private constant _PRICE_DECIMALS = 36;
  uint256 private constant _MAX_DECIMALS = 36;
  uint256 private constant _MAX_WINDOW = 15;

  /// @inheritdoc IOracle
  address public immutable collateralAsset;
  /// @inheritdoc IOracle
  address public immutable loanAsset;
  /// @inheritdoc IPullOracle
  address public immutable pushOracle;
  /// @inheritdoc IPullOracle
  address public immutable vaultFactory;
  /// @inheritdoc IPullOracle
  address public immutable pyth;
  /// @inheritdoc IPullOracle
  bytes32 public immutable feedId;
  /// @inheritdoc IPullOracle
  uint256 public immutable window;

  uint256 private immutable _maxDisagreementBps;
  /// @dev Decimal places from a signed price's unit to the oracle's.
  int256 private immutable _shift;

  /// @dev The only one who is told the raised price and may call `onTake`, once.
  address private transient _servedVault;
  uint256 private transient _raisedPrice;

  constructor(PullConfig memory config) {
    if (
      config.oracle.code.length == 0 ||
      config.vaultFactory.code.length == 0 ||
      config.pyth.code.length == 0 ||
      config.feedId == 0 ||
      config.window == 0 ||
      config.window > _MAX_WINDOW
    ) revert InvalidConfig();
    IOracleAdapter oracle = IOracleAdapter(config.oracle);
    collateralAsset = oracle.collateralAsset();
    loanAsset = oracle.loanAsset();
    _maxDisagreementBps = oracle.config().maxDisagreementBps;
    uint256 up = IERC20Metadata(loanAsset).decimals();
    uint256 down = IERC20Metadata(collateralAsset).decimals();
    if (up > _MAX_DECIMALS || down > _MAX_DECIMALS) revert InvalidConfig();
    _shift = _PRICE_DECIMALS + int256(up) - int256(down);
    pushOracle = config.oracle;
    vaultFactory = config.vaultFactory;
    pyth = config.pyth;
    feedId = config.feedId;
    window = config.window;
  }

  // --------------------------------------------------------------------------------------------------------------- reading

  /// @inheritdoc IOracle
  function price() external view returns (Price memory) {
    return IOracle(pushOracle).price();
  }

  /// @inheritdoc IOracle
  function priceSince(uint256 aliveUntil) external view returns (Price memory result) {
    result = IOracle(pushOracle).priceSince(aliveUntil);
    if (msg.sender == _servedVault) _raise(result, _raisedPrice);
  }

  /// @inheritdoc IOracle
  function firstPrice(uint256 secondsBack) external view returns (uint256 latest, uint256 earlier) {
    return IOracle(pushOracle).firstPrice(secondsBack);
  }

  /// @dev A raised price is SUSPECT: it moves no mark. `low` stays: it bounds the sale price from below, which the raised
  /// anchor only moves away from, and the reward of a start from above. While the push is FRESH `high` is the raised price itself,
  /// whatever the second source says: no anchor slides, and no age falls back, that would not have without it.
  function _raise(Price memory result, uint256 raised) private pure {
    if (raised <= result.deciding) return;
    result.high = result.state == OracleState.FRESH ? raised : Math.max(result.high, raised);
    result.startBound = Math.max(result.startBound, raised);
    result.deciding = raised;
    result.state = OracleState.SUSPECT;
  }

  // -------------------------------------------------------------------------------------------------------------- bringing

  /// @inheritdoc IPullOracle
  function startSale(
    address vault,
    bytes[] calldata updateData,
    address borrower,
    address rewardReceiver
  ) external payable nonReentrant returns (uint256 reward) {
    (uint256 fee, ) = _bring(vault, updateData);
    reward = IVault(vault).startSale(borrower, rewardReceiver);
    _forget();
    _refund(fee);
  }

  /// @inheritdoc IPullOracle
  function take(
    address vault,
    bytes[] calldata updateData,
    TakeParams calldata params
  ) external payable nonReentrant returns (uint256 payment, uint256 collateral) {
    return _takeOne(vault, updateData, params, false);
  }

  /// @inheritdoc IPullOracle
  function startAndTake(
    address vault,
    bytes[] calldata updateData,
    TakeParams calldata params
  ) external payable nonReentrant returns (uint256 payment, uint256 collateral) {
    return _takeOne(vault, updateData, params, true);
  }

  function _takeOne(
    address vault,
    bytes[] calldata updateData,
    TakeParams memory params,
    bool starts
  ) private returns (uint256 payment, uint256 collateral) {
    (uint256 fee, uint256 pushed) = _bring(vault, updateData);
    Position memory before;
    if (pushed != 0) before = IVault(vault).position(params.borrower);
    params.data = abi.encode(Payer(msg.sender, params.data));
    (payment, collateral) = starts ? IVault(vault).startAndTake(params) : IVault(vault).take(params);
    if (pushed != 0) _requireNotEnded(IVault(vault), params.borrower, before, pushed);
    _refund(fee);
  }

  /// @inheritdoc IPullOracle
  function takeMany(
    address vault,
    bytes[] calldata updateData,
    TakeManyParams memory params
  ) external payable nonReentrant returns (uint256 payment, uint256 collateral) {
    (uint256 fee, uint256 pushed) = _bring(vault, updateData);
    uint256 count = params.borrowers.length;
    Position[] memory before = new Position[](pushed == 0 ? 0 : count);
    for (uint256 i = 0; i < before.length; ++i) before[i] = IVault(vault).position(params.borrowers[i]);
    params.data = abi.encode(Payer(msg.sender, params.data));
    (payment, collateral) = IVault(vault).takeMany(params);
    for (uint256 i = 0; i < before.length; ++i) {
      _requireNotEnded(IVault(vault), params.borrowers[i], before[i], pushed);
    }
    _refund(fee);
  }

  /// @inheritdoc ITakeCallback
  function onTake(uint256 payment, uint256 collateral, bytes calldata data) external returns (bytes4) {
    if (msg.sender != _servedVault) revert IVenueSeller.UnexpectedCallback(msg.sender);
    _forget();
    Payer memory payer = abi.decode(data, (Payer));
    if (payer.data.length != 0) {
      bytes4 answer = ITakeCallback(payer.caller).onTake(payment, collateral, payer.data);
      if (answer != ITakeCallback.onTake.selector) revert IVaultBorrowing.CallbackRefused(payer.caller);
    }
    IERC20 loan = IERC20(loanAsset);
    loan.safeTransferFrom(payer.caller, address(this), payment);
    loan.forceApprove(msg.sender, payment);
    return ITakeCallback.onTake.selector;
  }

  /// @dev Verifies the update and holds the vault's next reading to it.
  /// @return fee What the update cost, wei.
  /// @return pushed Deciding price of the push, where the pulled one is above it and counts; 0 where nothing is raised.
  function _bring(address vault, bytes[] calldata updateData) private returns (uint256 fee, uint256 pushed) {
    if (!IVaultFactory(vaultFactory).isVault(vault)) revert IVaultFactory.UnknownVault(vault);
    address oracle = IVault(vault).oracle();
    if (oracle != address(this)) revert OtherOracle(vault, oracle);
    PythStructs.Price memory signed;
    (signed, fee) = _verified(updateData);
    (uint256 pulled, uint256 raised) = PullPrice.scaled(signed, _shift);
    uint256 deciding = IOracle(pushOracle).price().deciding;
    if (!_isNear(pulled, deciding)) raised = 0;
    emit PriceBrought(vault, msg.sender, pulled, raised);
    _servedVault = vault;
    if (raised <= deciding) return (fee, 0);
    _raisedPrice = raised;
    pushed = deciding;
  }

  /// @dev The flags: only the first update of the window counts, the data may hold others, nothing is stored.
  /// `parsePriceFeedUpdatesUnique` asks for the same, but may store the price.
  function _verified(bytes[] calldata updateData) private returns (PythStructs.Price memory signed, uint256 fee) {
    try IPyth(pyth).getUpdateFee(updateData) returns (uint256 wanted) {
      fee = wanted;
    } catch (bytes memory reason) {
      revert UpdateRefused(reason);
    }
    if (msg.value < fee) revert FeeTooLow(msg.value, fee);
    bytes32[] memory ids = new bytes32[](1);
    ids[0] = feedId;
    uint64 first = uint64(block.timestamp - window);
    try
      IPyth(pyth).parsePriceFeedUpdatesWithConfig{value: fee}(
        updateData,
        ids,
        first,
        uint64(block.timestamp),
        true,
        false,
        false
      )
    returns (PythStructs.PriceFeed[] memory feeds, uint64[] memory) {
      signed = feeds[0].price;
    } catch (bytes memory reason) {
      revert UpdateRefused(reason);
    }
  }

  /// @dev Whether a pulled price lies in the band around the pushed one; never where there is none.
  function _isNear(uint256 pulled, uint256 pushed) private view returns (bool) {
    uint256 tolerance = toleranceBps();
    uint256 least = Math.ceilDiv(pushed * Math.saturatingSub(_BPS, tolerance), _BPS);
    uint256 most = (pushed * (_BPS + tolerance)) / _BPS;
    return pulled >= least && pulled <= most;
  }

  /// @inheritdoc IPullOracle
  /// @dev The one place that says how wide the band is: a recent fall of the push would widen it here.
  function toleranceBps() public view returns (uint256) {
    return _maxDisagreementBps;
  }

  /// @inheritdoc IPullOracle
  function updateFee(bytes[] calldata updateData) external view returns (uint256) {
    return IPyth(pyth).getUpdateFee(updateData);
  }

  /// @dev A raised price may make a take smaller and dearer, but not spare the borrower the sale: what the push still calls
  /// unhealthy must stay for sale, with a proof.
  /// @param pushed Deciding price of the push.
  function _requireNotEnded(IVault vault, address borrower, Position memory before, uint256 pushed) private view {
    Position memory position = vault.position(borrower);
    if (position.scaledDebt == before.scaledDebt || position.collateral == 0) return;
    if (position.saleStartedAt != 0 && position.proof != 0) return;
    uint256 debt = InterestMath.toAssetsUp(position.scaledDebt, vault.accruedTotals().index);
    uint256 most = SaleMath.maxDebt(position.collateral, pushed, vault.liquidationLtvBps());
    if (debt > most) revert IVaultLosses.SaleStillNeeded(borrower, debt, most);
  }

  function _forget() private {
    _servedVault = address(0);
    _raisedPrice = 0;
  }

  /// @dev Sends back what is over the fee, last of all, since the receiver runs code.
  function _refund(uint256 fee) private {
    uint256 rest = msg.value - fee;
    if (rest == 0) return;
    (bool success, , ) = LibCall.tryCall(msg.sender, rest, gasleft(), 0, "");
    if (!success) revert RefundRefused(rest);
  }
}
