// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StdUtils} from "forge-std/StdUtils.sol";
import {IBackstop} from "../../../contracts/interfaces/IBackstop.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {Cover, CoverConfig} from "../../../contracts/types/Cover.sol";
import {Price, OracleState} from "../../../contracts/types/Price.sol";
import {TakeParams} from "../../../contracts/types/TakeParams.sol";
import {IMintable, IMockOracle} from "../base/VaultTest.sol";
import {Laws} from "./Laws.sol";

/// @notice All hands on a real vault with its real backstop: holders who come, cool down, move and leave, buyers, borrowers,
/// keepers, those who come for one block, price and time. What a law says of a single step is checked here, in the step.
contract BackstopHandler is StdUtils, Laws {
  uint256 private constant _LOAN = 1e6;

  IVault public immutable vault;
  IBackstop public immutable backstop;
  IMintable public immutable loan;
  IMintable public immutable collateral;
  IMockOracle public immutable oracle;

  address[] public holders;
  address[] public borrowers;
  address public constant KEEPER = address(0xBEE);
  /// @dev Has cooldowns running at all times, and holds what it likes for a block.
  address public constant FLASHER = address(0xF1A5);

  mapping(bytes32 => uint256) public calls;
  mapping(address => uint256) public coolingSince;
  uint256 private _price = 2_000;
  uint256 private _got;

  constructor(IVault vault_, IBackstop backstop_, IMintable loan_, IMintable collateral_, IMockOracle oracle_) {
    vault = vault_;
    backstop = backstop_;
    loan = loan_;
    collateral = collateral_;
    oracle = oracle_;
    for (uint256 i = 1; i <= 3; ++i) holders.push(address(uint160(0xA000 + i)));
    for (uint256 i = 1; i <= 3; ++i) borrowers.push(address(uint160(0xB000 + i)));
    holders.push(FLASHER);
  }

  function holderCount() external view returns (uint256) {
    return holders.length;
  }

  function borrowerCount() external view returns (uint256) {
    return borrowers.length;
  }

  function _holder(uint256 seed) private view returns (address) {
    return holders[seed % holders.length];
  }

  function _borrower(uint256 seed) private view returns (address) {
    return borrowers[seed % borrowers.length];
  }

  function _fund(address who, uint256 assets) private {
    loan.mint(who, assets);
    _VM.startPrank(who);
    loan.approve(address(vault), type(uint256).max);
    loan.approve(address(backstop), type(uint256).max);
    _VM.stopPrank();
  }

  // ------------------------------------------------------------------------------------------------------------ holders

  function stake(uint256 seed, uint256 assets) external {
    address holder = _holder(seed);
    assets = bound(assets, 1, 500_000 * _LOAN);
    if (backstop.maxDeposit(holder) < assets) return;
    uint256 preview = backstop.previewDeposit(assets);
    if (preview == 0) return;
    uint256 shares = _deposit(holder, assets);
    if (shares != preview) _violated("preview deposit");
    if (backstop.previewRedeem(shares) > assets) _violated("in and out pays");
    calls["stake"] += 1;
  }

  /// @dev The caller knows that it must go through.
  function _deposit(address holder, uint256 assets) private returns (uint256 shares) {
    _fund(holder, assets);
    _VM.prank(holder);
    try backstop.deposit(assets, holder) returns (uint256 minted) {
      shares = minted;
    } catch {
      _violated("maxDeposit does not go through");
    }
  }

  function coolDown(uint256 seed, uint256 shares) external {
    address holder = _holder(seed);
    _startCooldown(holder, shares);
    if (backstop.lockedOf(holder) > backstop.balanceOf(holder)) _violated("locked beyond the balance");
    calls["cool down"] += 1;
  }

  /// @dev The whole stake, and the week that it takes.
  function coolDownAndWait(uint256 seed, uint256 wait) external {
    _startCooldown(_holder(seed), type(uint256).max);
    _VM.warp(block.timestamp + 7 days + (wait % 1 days));
  }

  function _startCooldown(address holder, uint256 shares) private {
    coolingSince[holder] = block.timestamp;
    _VM.prank(holder);
    backstop.startCooldown(shares);
  }

  function exit(uint256 seed, uint256 shares) external {
    address holder = _holder(seed);
    uint256 most = backstop.maxRedeem(holder);
    if (most == 0) return;
    if (backstop.openLoss() != 0) _violated("leaves before a loss");
    if (block.timestamp < coolingSince[holder] + 7 days) _violated("leaves before its week");
    shares = bound(shares, 1, most);
    uint256 assets = backstop.previewRedeem(shares);
    if (assets == 0) return;
    uint256 priceBefore = _sharePrice();
    _VM.prank(holder);
    try backstop.redeem(shares, holder, holder) returns (uint256 got) {
      if (got != assets) _violated("preview redeem");
    } catch {
      _violated("maxRedeem does not go through");
    }
    if (_sharePrice() < priceBefore) _violated("leaving costs the others");
    calls["leave"] += 1;
  }

  function move(uint256 seed, uint256 toSeed, uint256 shares) external {
    address from = _holder(seed);
    shares = bound(shares, 0, backstop.balanceOf(from));
    bool isFree = shares <= backstop.balanceOf(from) - backstop.lockedOf(from);
    calls[isFree ? bytes32("moved") : bytes32("locked")] += 1;
    _VM.prank(from);
    try backstop.transfer(_holder(toSeed), shares) {
      if (!isFree) _violated("locked shares move");
    } catch {
      if (isFree) _violated("free shares do not move");
    }
  }

  /// @dev Everything that one block allows, with any money: nothing that came with the block goes with it.
  function flash(uint256 assets, uint256 seed, uint256 acts) external {
    assets = (assets % 50_000_000) >> ((assets >> 64) % 26);
    assets = (assets + 1) * _LOAN;
    if (backstop.maxDeposit(FLASHER) < assets || backstop.previewDeposit(assets) == 0) return;
    uint256 locked = backstop.lockedOf(FLASHER);
    uint256 worthBefore = backstop.previewRedeem(backstop.balanceOf(FLASHER)) + assets;
    uint256 othersBefore = _othersWorth();
    // What is counted below its cost may rise to it; what counts at its cost rises by a resale alone.
    bool isAtCost = backstop.totalAssets() == _book();
    _deposit(FLASHER, assets);
    bool isResold = acts & 4 != 0 && _cover().inventory != 0;
    if (acts & 1 != 0 && _tryBuy(seed)) {
      calls["flash with a purchase"] += 1;
      isResold = acts & 4 != 0;
    }
    if (acts & 2 != 0 && _tryRealize(seed)) calls["flash with a loss"] += 1;
    if (acts & 4 != 0 && _tryResell(FLASHER, type(uint256).max)) calls["flash with a resale"] += 1;
    if (acts & 24 == 24) _startCooldown(FLASHER, type(uint256).max);
    _leaveInTheBlock(locked);
    uint256 worth = backstop.previewRedeem(backstop.balanceOf(FLASHER)) + _got;
    if (isAtCost && !isResold && worth > worthBefore) _violated("a block pays its depositor");
    if (acts & 6 == 0 && _othersWorth() + 2 < othersBefore) _violated("a depositor of one block takes from holders");
    calls["flash"] += 1;
  }

  /// @dev Only what had cooled down goes, for no more than its part of cash and of what inventory cost.
  function _leaveInTheBlock(uint256 locked) private {
    _got = 0;
    uint256 most = backstop.maxRedeem(FLASHER);
    if (most > locked) _violated("what came in this block leaves in it");
    if (most == 0) return;
    if (block.timestamp < coolingSince[FLASHER] + 7 days) _violated("leaves before its week");
    uint256 part = (most * (_book() + 1)) / (backstop.totalSupply() + 1e6);
    _VM.prank(FLASHER);
    try backstop.redeem(most, FLASHER, FLASHER) returns (uint256 got) {
      _got = got;
    } catch {
      _violated("maxRedeem does not go through");
    }
    if (_got > part) _violated("leaves with a gain before its resale");
    calls["flash that leaves"] += 1;
  }

  /// @dev Cash and what inventory cost: a resale alone lifts it, by what it earned.
  function _book() private view returns (uint256) {
    return _cash() + _cover().cost;
  }

  function _cover() private view returns (Cover memory) {
    return backstop.coverOf(address(vault));
  }

  function _othersWorth() private view returns (uint256 worth) {
    for (uint256 i = 0; i < 3; ++i) worth += backstop.previewRedeem(backstop.balanceOf(holders[i]));
  }

  function _sharePrice() private view returns (uint256) {
    return ((backstop.totalAssets() + 1) * 1e36) / (backstop.totalSupply() + 1e6);
  }

  // ------------------------------------------------------------------------------------------------------- the backstop

  function buy(uint256 seed) external {
    _tryBuy(seed);
  }

  function _tryBuy(uint256 seed) private returns (bool) {
    address borrower = _borrower(seed);
    uint256 owedElsewhere = backstop.openLoss();
    uint256 mark = vault.markOf(borrower);
    uint256 cash = _cash();
    uint256 book = _book();
    try backstop.buy(address(vault), borrower, type(uint256).max) returns (uint256 payment, uint256) {
      Cover memory cover = _cover();
      if (cover.cost > cover.cap) _violated("buys beyond the cap");
      uint256 kept = owedElsewhere > mark + 1 ? owedElsewhere - mark - 1 : 0;
      if (cash - payment < kept) _violated("spends what an open loss may need");
      if (_book() != book) _violated("a purchase is not worth its cost");
      calls["buy"] += 1;
      return true;
    } catch {
      return false;
    }
  }

  /// @dev Nothing donates here: what it has is what it counts.
  function _cash() private view returns (uint256) {
    return loan.balanceOf(address(backstop));
  }

  /// @dev By the governor: more or less, never none.
  function cap(uint256 seed) external {
    CoverConfig memory config = CoverConfig(
      uint128(bound(seed, 1_000_000 * _LOAN, 30_000_000 * _LOAN)),
      _cover().resale
    );
    backstop.setCover(address(vault), config);
    calls["cap"] += 1;
  }

  function resell(uint256 part) external {
    _tryResell(KEEPER, bound(part, 1, 10_000 ether));
  }

  function _tryResell(address buyer, uint256 most) private returns (bool) {
    uint256 inventory = _cover().inventory;
    uint256 amount = most < inventory ? most : inventory;
    if (amount == 0) return false;
    uint256 asked = backstop.resalePrice(address(vault));
    if (asked == 0) return false;
    _fund(buyer, 1_000_000_000 * _LOAN);
    _VM.prank(buyer);
    try backstop.buyInventory(address(vault), amount, type(uint256).max, buyer) returns (uint256 payment) {
      if (payment * 1e36 < amount * asked) _violated("resold below what was asked");
    } catch {
      _violated("a resale does not go through");
    }
    // 3% is the deepest that the resale may ask.
    if (asked < (oracle.price().low * 9_700) / 10_000) _violated("resold too low");
    if (backstop.resalePrice(address(vault)) < asked) _violated("a resale makes the next one cheaper");
    calls["resell"] += 1;
    return true;
  }

  function realize(uint256 seed) external {
    _tryRealize(seed);
  }

  function _tryRealize(uint256 seed) private returns (bool) {
    uint256 cash = _cash();
    uint256 book = _book();
    uint256 capBefore = _cover().cap;
    uint256 inventory = _cover().inventory;
    uint256 marked = vault.totalAssets();
    try vault.realizeLoss(_borrower(seed)) {
      calls["realize"] += 1;
      if (_cash() < cash) calls["cover with cash"] += 1;
      if (_cover().inventory < inventory) calls["cover with inventory"] += 1;
      if (_cover().owed != 0) calls["wait"] += 1;
      if (_cash() > cash || _book() > book || _cover().cap > capBefore) _violated("a loss pays the backstop");
      if (capBefore >= book - cash && _cover().cap + book > _book() + capBefore + 1)
        _violated("a loss spends more than the cap");
      if (vault.totalAssets() + 2 < marked) _violated("SOLV-2 a realized loss costs more than its mark");
      return true;
    } catch {
      return false;
    }
  }

  // ----------------------------------------------------------------------------------------------- borrowers and keepers

  function borrow(uint256 seed, uint256 debt) external {
    address borrower = _borrower(seed);
    uint256 worth = (vault.position(borrower).collateral * _price * _LOAN) / 1e18;
    if (vault.debtOf(borrower) > (worth * 78) / 100) return;
    debt = bound(debt, 1_000 * _LOAN, 5_000_000 * _LOAN);
    uint256 amount = (debt * 1e18) / ((_price * _LOAN * 78) / 100) + 1;
    collateral.mint(borrower, amount);
    _VM.startPrank(borrower);
    collateral.approve(address(vault), amount);
    vault.supplyCollateral(amount, borrower);
    try vault.borrow(debt, borrower, borrower) {
      calls["borrow"] += 1;
    } catch {}
    _VM.stopPrank();
  }

  function lend(uint256 assets) external {
    assets = bound(assets, 1_000_000 * _LOAN, 20_000_000 * _LOAN);
    if (vault.maxDeposit(KEEPER) < assets || vault.previewDeposit(assets) == 0) return;
    _fund(KEEPER, assets);
    _VM.prank(KEEPER);
    vault.deposit(assets, KEEPER);
    calls["lend"] += 1;
  }

  /// @dev A price falls to between the limit and half of it, a sale begins and nobody comes until its floor.
  function ripen(uint256 seed, uint256 fall) external {
    address borrower = _borrower(seed);
    uint256 held = vault.position(borrower).collateral;
    uint256 debt = vault.debtOf(borrower);
    if (debt == 0 || held == 0) return;
    uint256 limit = (debt * 1e18) / (held * _LOAN);
    _set(bound((limit * (50 + (fall % 70))) / 100, 200, 6_000), OracleState.FRESH);
    try vault.startSale(borrower, address(0)) {
      calls["start"] += 1;
    } catch {}
    // Proofs that join.
    for (uint256 i = 0; i < 8; ++i) {
      _VM.warp(block.timestamp + 138);
      try vault.touch(borrower) {
        calls["touch"] += 1;
      } catch {}
    }
  }

  function start(uint256 seed) external {
    try vault.startSale(_borrower(seed), address(0)) {
      calls["start"] += 1;
    } catch {}
  }

  function take(uint256 seed) external {
    _fund(KEEPER, 10_000_000 * _LOAN);
    TakeParams memory params;
    params.borrower = _borrower(seed);
    params.receiver = KEEPER;
    params.maxRepay = type(uint256).max;
    params.maxPayment = type(uint256).max;
    params.deadline = block.timestamp;
    _VM.prank(KEEPER);
    try vault.take(params) {
      calls["take"] += 1;
    } catch {}
  }

  // ------------------------------------------------------------------------------------------------------ price and time

  /// @dev Up to 12% a step, with a band, sometimes in doubt.
  function movePrice(uint256 seed) external {
    uint256 price = bound((_price * (88 + (seed % 25))) / 100, 200, 6_000);
    _set(price, (seed >> 8) % 5 == 0 ? OracleState.SUSPECT : OracleState.FRESH);
  }

  function _set(uint256 price_, OracleState state) private {
    _price = price_;
    uint256 deciding = price_ * 1e24;
    Price memory price;
    price.deciding = deciding;
    price.low = (deciding * 990) / 1_000;
    price.high = (deciding * 1_010) / 1_000;
    price.startBound = deciding;
    price.state = state;
    oracle.set(price);
  }

  function pass(uint256 seed) external {
    uint256[5] memory spans = [uint256(60), 1_100, 6 hours, 2 days, 7 days];
    _VM.warp(block.timestamp + spans[seed % 5]);
  }
}
