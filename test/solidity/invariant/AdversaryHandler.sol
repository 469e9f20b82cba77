// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StdUtils} from "forge-std/StdUtils.sol";
import {Vm} from "forge-std/Vm.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {DeleverageParams} from "../../../contracts/types/Deleveraging.sol";
import {SellParams, TakeManyParams, TakeParams} from "../../../contracts/types/TakeParams.sol";
import {IMintable, IMockOracle} from "../base/VaultTest.sol";

/// @notice One actor with as much money as it wants for the length of a block, who is lender, borrower, starter, taker, direct
/// and batch liquidator and backstop at once, and moves the oracle within a bound. ADV-1 is checked block by block.
contract AdversaryHandler is StdUtils {
  Vm private constant _VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
  uint256 private constant _BPS = 10_000;
  uint256 private constant _ACTS = 10;
  /// @dev `low x (1 - maxDiscount)`, the least that a seller may ask.
  uint256 private constant _FLOOR_BPS = 9_200;

  address public constant ACTOR = address(0xBAD);
  address public constant DIRECT = address(0xBAD1);
  address public constant BATCH = address(0xBAD2);
  address public constant BACKSTOP = address(0xBAD3);

  IVault public immutable vault;
  IMintable public immutable loan;
  IMintable public immutable collateral;
  IMockOracle public immutable oracle;
  address public immutable lender;
  /// @dev How far the actor can move the oracle from the true price, both ways.
  uint256 public immutable boundBps;

  string[] public violations;
  /// @dev How often an act of each kind went through.
  mapping(bytes4 selector => uint256) public went;
  mapping(address seller => uint256) public sales;

  address[] private _borrowers;
  uint256 private _truth;
  address private _victim;
  uint256 private _seed;

  constructor(
    IVault vault_,
    IMintable loan_,
    IMintable collateral_,
    IMockOracle oracle_,
    address lender_,
    uint256 boundBps_
  ) {
    vault = vault_;
    loan = loan_;
    collateral = collateral_;
    oracle = oracle_;
    lender = lender_;
    boundBps = boundBps_;
    _borrowers.push(ACTOR);
    for (uint256 i = 0; i < 3; ++i) _borrowers.push(address(uint160(0xB0000 + i)));
    address[4] memory hands = [ACTOR, DIRECT, BATCH, BACKSTOP];
    for (uint256 i = 0; i < hands.length; ++i) {
      loan.mint(hands[i], 1e18);
      _approve(hands[i]);
    }
    collateral.mint(ACTOR, 1e27);
  }

  function violationCount() external view returns (uint256) {
    return violations.length;
  }

  /// @dev Any acts in any order, without a second passing. The lender's claim may lose one unit to its own rounding.
  function oneBlock(uint256 seed) external {
    _seed = seed;
    _beginBlock();
    uint256 before = _claimOfTheLender();
    for (uint256 i = 0; i < _ACTS; ++i) _act();
    if (_claimOfTheLender() + 1 < before) violations.push("ADV-1");
  }

  function _claimOfTheLender() private view returns (uint256) {
    return vault.previewRedeem(vault.balanceOf(lender));
  }

  /// @dev Honest borrowers at LTVs of 80 to 86% at the true price: with a bound of 3% none is lost even at the floor of the
  /// lowest price that the actor can make, 0.86 x 1.005 / (0.97 x 0.92) = 0.969.
  function _beginBlock() private {
    _VM.warp(block.timestamp + _random(12, 7_200));
    _VM.fee(_random(0, 100) * 1 gwei);
    oracle.setPrice(2_000e24);
    for (uint256 i = 0; i < _borrowers.length; ++i) {
      address borrower = _borrowers[i];
      _settle(borrower);
      if (borrower == ACTOR) continue;
      uint256 held = _random(10, 200) * 1 ether;
      collateral.mint(borrower, held);
      _VM.startPrank(borrower);
      vault.supplyCollateral(held, borrower);
      vault.borrow((held * 2_000e24 * 79) / 1e38, borrower, borrower);
      vault.setDeleverager(ACTOR, true);
      _VM.stopPrank();
    }
    _truth = _random(1_840e24, 1_960e24);
    oracle.setPrice(_truth);
    _victim = _borrowers[_random(0, _borrowers.length - 1)];
  }

  /// @dev Pays everything back and takes the collateral out.
  function _settle(address borrower) private {
    _approve(borrower);
    loan.mint(borrower, vault.debtOf(borrower));
    _VM.startPrank(borrower);
    if (vault.debtOf(borrower) != 0) vault.repay(type(uint256).max, borrower);
    uint256 held = vault.position(borrower).collateral;
    if (held != 0) vault.withdrawCollateral(held, borrower, borrower);
    _VM.stopPrank();
  }

  function _act() private {
    uint256 what = _random(0, 16);
    // Mostly one position a block, or few sequences would meet.
    address borrower = _random(0, 3) == 0 ? _borrowers[_random(0, _borrowers.length - 1)] : _victim;
    uint256 price = oracle.price().deciding;
    uint256 debt = vault.debtOf(borrower);
    uint256 part = _random(0, 1) == 0 ? type(uint256).max : _random(1, debt + 1);
    if (what == 0) _try(ACTOR, abi.encodeCall(vault.deposit, (_random(1, 1e14), ACTOR)));
    if (what == 1) _try(ACTOR, abi.encodeCall(vault.redeem, (_random(0, vault.maxRedeem(ACTOR)), ACTOR, ACTOR)));
    if (what == 2) {
      address owner = _random(0, 1) == 0 ? ACTOR : borrower;
      _try(ACTOR, abi.encodeCall(vault.supplyCollateral, (_random(1, 500 ether), owner)));
    }
    if (what == 3) {
      uint256 most = (vault.position(ACTOR).collateral * price * 80) / 1e38;
      _try(ACTOR, abi.encodeCall(vault.borrow, (_random(most / 2, most), ACTOR, ACTOR)));
    }
    if (what == 4) {
      uint256 held = vault.position(ACTOR).collateral;
      _try(ACTOR, abi.encodeCall(vault.withdrawCollateral, (_random(0, held), ACTOR, ACTOR)));
    }
    if (what == 5) _try(ACTOR, abi.encodeCall(vault.repay, (_random(1, debt + 1), borrower)));
    if (what == 6) _try(ACTOR, abi.encodeCall(vault.startSale, (borrower, ACTOR)));
    if (what == 7) _try(ACTOR, abi.encodeCall(vault.take, (_takeParams(borrower, part))));
    if (what == 8) _try(ACTOR, abi.encodeCall(vault.startAndTake, (_takeParams(borrower, part))));
    if (what == 9) {
      TakeManyParams memory params = TakeManyParams(_borrowers, ACTOR, part, type(uint256).max, 0, block.timestamp, "");
      _try(ACTOR, abi.encodeCall(vault.takeMany, (params)));
    }
    if (what == 10) {
      // One at a time, as the direct liquidator does: what is healthy and not for sale can't be started.
      address[] memory one = new address[](1);
      one[0] = borrower;
      _sell(DIRECT, one, part, price);
    }
    if (what == 11) _sell(BATCH, _borrowers, part, price);
    if (what == 12) _sell(BACKSTOP, _borrowers, part, price);
    if (what == 13) oracle.setPrice((_truth * (_BPS - boundBps + _random(0, 2 * boundBps))) / _BPS);
    if (what == 14) _try(ACTOR, abi.encodeCall(vault.realizeLoss, (borrower)));
    if (what == 15) _try(ACTOR, abi.encodeCall(vault.endSale, (borrower)));
    if (what == 16) {
      // As cheap as the vault lets him, or a little dearer; of himself too.
      uint256 asked = (price * (_FLOOR_BPS + _random(0, 1) * _random(0, 800))) / _BPS + 1;
      uint256 repay = _random(1, debt + 1);
      _try(ACTOR, abi.encodeCall(vault.setDeleverager, (ACTOR, true)));
      DeleverageParams memory params = DeleverageParams(borrower, (repay * 1e36) / asked, repay, ACTOR, "");
      _try(ACTOR, abi.encodeCall(vault.deleverage, (params)));
    }
  }

  function _sell(address seller, address[] memory sold, uint256 part, uint256 price) private {
    // As cheap as the vault lets it, or a little dearer.
    uint256 asked = (price * (_FLOOR_BPS + _random(0, 1) * _random(0, 800))) / _BPS + 1;
    if (_try(seller, abi.encodeCall(vault.sell, (SellParams(sold, seller, part, asked, ""))))) sales[seller] += 1;
  }

  function _try(address hand, bytes memory call) private returns (bool success) {
    _VM.prank(hand);
    (success, ) = address(vault).call(call);
    if (success) went[bytes4(call)] += 1;
  }

  function _takeParams(address borrower, uint256 maxRepay) private view returns (TakeParams memory) {
    return TakeParams(borrower, ACTOR, maxRepay, type(uint256).max, 0, block.timestamp, "");
  }

  function _approve(address hand) private {
    _VM.startPrank(hand);
    loan.approve(address(vault), type(uint256).max);
    collateral.approve(address(vault), type(uint256).max);
    _VM.stopPrank();
  }

  function _random(uint256 least, uint256 most) private returns (uint256) {
    _seed = uint256(keccak256(abi.encode(_seed)));
    return least + (_seed % (most - least + 1));
  }
}
