// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {IVaultGovernance} from "../../../contracts/interfaces/IVaultGovernance.sol";
import {OracleState, Price} from "../../../contracts/types/Price.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {TakeParams} from "../../../contracts/types/TakeParams.sol";
import {RewardConfig, VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {Test} from "./Test.sol";

interface IMintable is IERC20 {
  function mint(address to, uint256 amount) external;
}

interface IMockOracle {
  function setPrice(uint256 price) external;

  function set(Price calldata price) external;

  function price() external view returns (Price memory);
}

interface IMockRateModel {
  function set(uint256 rate, uint256 state, uint8 mode) external;
}

interface IManager {
  function setTargetFunctionRole(address target, bytes4[] calldata selectors, uint64 roleId) external;

  function grantRole(uint64 roleId, address account, uint32 executionDelay) external;
}

/// @notice One vault on a mock oracle and a mock rate model, the calm terms, and a few hands. The contracts come from their
/// artifacts: compiling the vault again for every test file would take the patience out of testing.
abstract contract VaultTest is Test {
  uint256 internal constant WAD = 1e18;
  uint256 internal constant BPS = 10_000;
  /// @dev 2,000 loan units (6 decimals) a collateral unit (18 decimals), 1e36 scale.
  uint256 internal constant START_PRICE = 2_000e24;
  uint256 internal constant MIN_DEBT = 100e6;
  uint256 internal constant LLTV = 8_300;
  uint64 internal constant GOVERNOR_ROLE = 1;

  IMintable internal loan;
  IMintable internal collateral;
  IMockOracle internal oracle;
  IMockRateModel internal rateModel;
  IVault internal vault;
  address internal curve;
  address internal manager;
  address internal extension;
  address internal governor = makeAddr("governor");

  function _deployVault() internal {
    vm.warp(1_800_000_000);
    loan = IMintable(deployCode(_artifact("mocks", "MockERC20"), abi.encode("Loan", "LOAN", 6)));
    collateral = IMintable(deployCode(_artifact("mocks", "MockERC20"), abi.encode("Collateral", "COLL", 18)));
    oracle = IMockOracle(deployCode(_artifact("mocks", "MockOracle"), abi.encode(collateral, loan)));
    oracle.setPrice(START_PRICE);
    rateModel = IMockRateModel(deployCode(_artifact("mocks", "MockRateModel")));
    rateModel.set(1e9, 1e9, 0);
    curve = deployCode(_artifact("liquidation", "ExponentialDecayCurve"));
    extension = deployCode(_artifact("vault", "VaultExtension"));
    manager = deployCode("AccessManager", abi.encode(address(this)));
    _beforeVault();
    vault = IVault(deployCode(_artifact("vault", "Vault"), abi.encode(_config())));
    IManager(manager).setTargetFunctionRole(address(vault), _governed(), GOVERNOR_ROLE);
    IManager(manager).grantRole(GOVERNOR_ROLE, governor, 0);
    _age();
  }

  /// @dev A year of interest: debts are not counted at an index of 1.
  function _age() internal virtual {
    vm.warp(block.timestamp + 365 days);
    vault.accrue();
    assertNotEq(vault.accruedTotals().index, WAD);
  }

  /// @dev For what a vault must know of at its creation.
  function _beforeVault() internal virtual {}

  function _artifact(string memory folder, string memory name) internal pure returns (string memory) {
    return string.concat("contracts/", folder, "/", name, ".sol:", name);
  }

  /// @dev Calm terms.
  function _terms() internal pure returns (SaleTerms memory) {
    return
      SaleTerms({
        startPremiumBps: 0,
        holdBps: 150,
        maxDiscountBps: 800,
        penaltyBps: 50,
        targetLtvBps: 7_055,
        halfLife: 212,
        horizon: 1_060,
        lot: 250_000e6,
        impactBps: 75,
        urgencyBps: 400,
        fallWindow: 120
      });
  }

  function _config() internal view virtual returns (VaultConfig memory config) {
    config.asset = address(loan);
    config.collateralAsset = address(collateral);
    config.oracle = address(oracle);
    config.rateModel = address(rateModel);
    config.curve = curve;
    config.extension = extension;
    config.authority = manager;
    config.name = "Gavel LOAN/COLL";
    config.symbol = "gLOAN";
    config.minDebt = MIN_DEBT;
    config.maxOracleStepBps = 300;
    config.borrowLtvBps = 8_000;
    config.liquidationLtvBps = LLTV;
    config.reserveFactorBps = 1_000;
    config.supplyCap = 1_000_000_000e6;
    config.borrowCap = 1_000_000_000e6;
    config.maxPositionDebt = 10_000_000e6;
    config.stressDepth = 400_000_000e6;
    config.reward = RewardConfig({cap: 100e6, nativePrice: 2_000e6});
    config.terms = _terms();
  }

  function _governed() internal pure returns (bytes4[] memory selectors) {
    selectors = new bytes4[](14);
    selectors[0] = IVaultGovernance.setTerms.selector;
    selectors[1] = IVaultGovernance.setBorrowLtv.selector;
    selectors[2] = IVaultGovernance.rampLiquidationLtv.selector;
    selectors[3] = IVaultGovernance.setCaps.selector;
    selectors[4] = IVaultGovernance.tightenCaps.selector;
    selectors[5] = IVaultGovernance.setReserveFactor.selector;
    selectors[6] = IVaultGovernance.setRewardConfig.selector;
    selectors[7] = IVaultGovernance.setStressDepth.selector;
    selectors[8] = IVaultGovernance.pause.selector;
    selectors[9] = IVaultGovernance.unpause.selector;
    selectors[10] = IVaultGovernance.windDown.selector;
    selectors[11] = IVaultGovernance.claimReserve.selector;
    selectors[12] = IVaultGovernance.claimSweptCollateral.selector;
    selectors[13] = IVaultGovernance.renewPause.selector;
  }

  // ------------------------------------------------------------------------------------------------------------- hands

  function _lend(address lender, uint256 assets) internal {
    loan.mint(lender, assets);
    vm.startPrank(lender);
    loan.approve(address(vault), assets);
    vault.deposit(assets, lender);
    vm.stopPrank();
  }

  function _open(address borrower, uint256 collateral_, uint256 debt) internal {
    collateral.mint(borrower, collateral_);
    vm.startPrank(borrower);
    collateral.approve(address(vault), collateral_);
    vault.supplyCollateral(collateral_, borrower);
    if (debt != 0) vault.borrow(debt, borrower, borrower);
    vm.stopPrank();
  }

  function _takeParams(address borrower, address receiver, uint256 maxRepay) internal view returns (TakeParams memory) {
    return TakeParams(borrower, receiver, maxRepay, type(uint256).max, 0, block.timestamp, "");
  }

  function _take(address taker, address borrower, uint256 maxRepay) internal returns (uint256 payment, uint256 bought) {
    loan.mint(taker, 1e15);
    vm.startPrank(taker);
    loan.approve(address(vault), type(uint256).max);
    (payment, bought) = vault.take(_takeParams(borrower, taker, maxRepay));
    vm.stopPrank();
  }

  function _suspectPrice(uint256 deciding, uint256 low, uint256 high) internal {
    Price memory price;
    price.deciding = deciding;
    price.low = low;
    price.high = high;
    price.startBound = deciding;
    price.state = OracleState.SUSPECT;
    oracle.set(price);
  }

  function _stalePrice() internal {
    Price memory price;
    oracle.set(price);
  }

  function _sellPrice(uint256 price, uint256 amount) internal pure returns (uint256) {
    return (amount * price) / 1e36;
  }
}
