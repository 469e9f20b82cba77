// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDeleverager} from "../../../contracts/interfaces/IDeleverager.sol";
import {
  DeleverageExecution,
  DeleverageOrder,
  DeleverageParams,
  DeleverageResult
} from "../../../contracts/types/Deleveraging.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {Volatility} from "../../../contracts/types/Volatility.sol";
import {IMockFactory} from "../base/MockFactory.sol";
import {VaultTest} from "../base/VaultTest.sol";

interface IMockVolatility {
  function set(address feed, Volatility calldata volatility) external;
}

/// @notice A rescue of any healthy position by any order that is due: where it ends, and what it costs.
contract DeleveragerFuzzTest is VaultTest {
  IDeleverager private _deleverager;
  IMockVolatility private _volatility;
  address private _borrower = makeAddr("borrower");
  address private _keeper = makeAddr("keeper");

  function setUp() public {
    _deployVault();
    _lend(makeAddr("lender"), 10_000_000e6);
    address factory = deployCode(_artifact("mocks", "MockVaultFactory"));
    IMockFactory(factory).setVault(address(vault), true);
    _volatility = IMockVolatility(deployCode(_artifact("mocks", "MockVolatilityOracle")));
    _deleverager = IDeleverager(
      deployCode(_artifact("risk", "Deleverager"), abi.encode(factory, _volatility, manager))
    );
    _deleverager.setFeed(address(vault), address(oracle), 0);
    loan.mint(_keeper, 1e15);
    vm.prank(_keeper);
    loan.approve(address(_deleverager), 1e15);
    vm.prank(_borrower);
    vault.setDeleverager(address(_deleverager), true);
  }

  /// @dev A position at any LTV between 20% and the limit, by time and price; the price is set to reach it.
  function _openAt(uint256 held, uint256 time, uint256 ltvBps) private returns (uint256 ltv) {
    held = bound(held, 1e18, 1_000e18);
    _open(_borrower, held, (held * 1_500e24) / 1e36);
    vm.warp(block.timestamp + bound(time, 0, 60 days));
    ltv = bound(ltvBps, 2_000, LLTV - 1);
    oracle.setPrice((vault.debtOf(_borrower) * 1e36 * BPS) / (held * ltv) + 1);
    _volatility.set(address(oracle), Volatility(1e14, uint40(block.timestamp), true));
  }

  function _order(uint256 target, uint256 costBps) private view returns (DeleverageOrder memory) {
    return
      DeleverageOrder({
        borrower: _borrower,
        vault: address(vault),
        targetLtvBps: target,
        triggerDistance: type(uint256).max,
        horizon: 1 days,
        maxCostBps: costBps,
        minInterval: 1,
        expiry: block.timestamp,
        nonce: 0
      });
  }

  function _rescue(DeleverageOrder memory order, uint256 price) private returns (DeleverageResult memory) {
    vm.prank(_borrower);
    _deleverager.placeOrder(order);
    DeleverageExecution memory execution;
    execution.order = order;
    execution.price = price;
    execution.receiver = _keeper;
    execution.deadline = block.timestamp;
    vm.prank(_keeper);
    return _deleverager.execute(execution);
  }

  function testFuzz_aRescueEndsAtItsTargetForNoMoreThanWasSigned(
    uint256 held,
    uint256 time,
    uint256 ltv,
    uint256 target,
    uint256 costBps,
    uint256 share
  ) public {
    ltv = _openAt(held, time, ltv);
    target = bound(target, 0, ltv - 200);
    costBps = bound(costBps, 0, 790);
    uint256 deciding = oracle.price().deciding;
    uint256 debtBefore = vault.debtOf(_borrower);
    uint256 heldBefore = vault.position(_borrower).collateral;
    uint256 price = (deciding * (BPS * 100 - costBps * (100 - bound(share, 0, 100)))) / (BPS * 100) + 1;
    DeleverageResult memory result = _rescue(_order(target, costBps), price);

    uint256 debt = vault.debtOf(_borrower);
    uint256 left = vault.position(_borrower).collateral;
    assertEq(heldBefore - left, result.collateral, "collateral");
    assertApproxEqAbs(debtBefore - debt, result.repaid, 2, "debt");
    // At the target or under it, within a unit or two of rounding; never unhealthy; never dust.
    uint256 value = (left * deciding) / 1e36;
    assertLe(debt, (value * target) / BPS + 3, "over the target");
    assertLe(debt, (value * LLTV) / BPS, "healthy");
    if (debt != 0) {
      assertGe(debt, MIN_DEBT, "LIQ-4");
      assertGe(debt + value / 1e7 + 10, (value * target) / BPS, "sold too much");
    }
    // What came off the debt is at least what was sold, less what was signed.
    assertGe(result.repaid + 2, (((result.collateral * deciding) / 1e36) * (BPS - costBps)) / BPS, "cost");
    assertEq(loan.balanceOf(address(_deleverager)), 0);
    assertEq(collateral.balanceOf(address(_deleverager)), 0);
    assertEq(loan.allowance(address(_deleverager), address(vault)), type(uint256).max, "the standing allowance");
    assertGe(loan.balanceOf(address(vault)), vault.totals().cash, "SOLV-1");
  }

  /// @dev The vault's own entry, whatever the contract that was let in asks for.
  function testFuzz_nothingThatWasLetInWorsensAPosition(
    uint256 held,
    uint256 time,
    uint256 ltv,
    uint256 sold,
    uint256 repay,
    uint256 lowBps
  ) public {
    _openAt(held, time, ltv);
    uint256 deciding = oracle.price().deciding;
    uint256 debtBefore = vault.debtOf(_borrower);
    uint256 heldBefore = vault.position(_borrower).collateral;
    sold = bound(sold, 1, heldBefore + 1);
    // Around what it is worth, mostly.
    uint256 worth = (sold * deciding) / 1e36;
    repay = bound(repay, (worth * 80) / 100, (worth * 110) / 100 + 1);
    // Whatever a FRESH oracle says of its lower source.
    Price memory said = oracle.price();
    said.low = (deciding * bound(lowBps, 3_000, BPS)) / BPS;
    oracle.set(said);
    vm.prank(_borrower);
    vault.setDeleverager(_keeper, true);
    vm.startPrank(_keeper);
    loan.approve(address(vault), type(uint256).max);
    try vault.deleverage(DeleverageParams(_borrower, sold, repay, _keeper, "")) {
      uint256 debt = vault.debtOf(_borrower);
      uint256 left = vault.position(_borrower).collateral;
      assertLt(debt * heldBefore, debtBefore * left, "LTV");
      assertLe(debt, (((left * deciding) / 1e36) * LLTV) / BPS, "healthy");
      assertGe(repay * 1e36, sold * ((oracle.price().low * 9_200) / BPS), "floor");
      assertApproxEqAbs(debtBefore - debt, repay, 2, "debt");
      assertTrue(debt == 0 || debt >= MIN_DEBT, "LIQ-4");
    } catch {
      assertEq(vault.debtOf(_borrower), debtBefore);
      assertEq(vault.position(_borrower).collateral, heldBefore);
    }
    vm.stopPrank();
  }
}
