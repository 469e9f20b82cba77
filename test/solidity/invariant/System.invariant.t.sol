// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDeleverager} from "../../../contracts/interfaces/IDeleverager.sol";
import {IVaultGovernance} from "../../../contracts/interfaces/IVaultGovernance.sol";
import {IVolatilityOracle} from "../../../contracts/interfaces/IVolatilityOracle.sol";
import {StewardConfig} from "../../../contracts/types/Steward.sol";
import {VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {VolatilityConfig} from "../../../contracts/types/Volatility.sol";
import {IMockFactory} from "../base/MockFactory.sol";
import {StewardTest} from "../base/StewardTest.sol";
import {IManager} from "../base/VaultTest.sol";
import {IMockInputs} from "./StewardHandler.sol";
import {IRounds, SystemHandler, SystemParts} from "./SystemHandler.sol";
import {VaultLaws} from "./VaultLaws.sol";

/// @notice The laws of the vault and of the steward over any sequence of anyone's acts, with the steward and the Deleverager at work
/// and the volatility read from the rounds of the price.
contract SystemInvariantTest is StewardTest, VaultLaws {
  SystemHandler private _handler;

  function setUp() public {
    _deployVault();
    IRounds feed = IRounds(deployCode(_artifact("mocks", "MockAggregator"), abi.encode(8)));
    feed.pushAnswer(2_000e8);
    IVolatilityOracle volatilityOracle = IVolatilityOracle(
      deployCode(_artifact("risk", "VolatilityOracle"), abi.encode(manager))
    );
    volatilityOracle.setFeed(address(feed), _measure());
    address inputs = deployCode(_artifact("mocks", "MockRiskInputs"));
    _deploySteward(address(volatilityOracle), inputs, _baseOf(address(feed)));
    _give(address(vault), IVaultGovernance.pause.selector, _GUARDIAN_ROLE);
    _give(address(vault), IVaultGovernance.tightenCaps.selector, _GUARDIAN_ROLE);
    IManager(manager).grantRole(_GUARDIAN_ROLE, governor, 0);

    address factory = deployCode(_artifact("mocks", "MockVaultFactory"));
    IMockFactory(factory).setVault(address(vault), true);
    IDeleverager deleverager = IDeleverager(
      deployCode(_artifact("risk", "Deleverager"), abi.encode(factory, volatilityOracle, manager))
    );
    deleverager.setFeed(address(vault), address(feed), 2 days);
    SystemParts memory parts = SystemParts(
      _steward,
      deleverager,
      volatilityOracle,
      feed,
      IMockInputs(inputs),
      _guardian
    );
    _handler = new SystemHandler(parts, vault, loan, collateral, oracle, rateModel, governor);
    _handler.tell(1_600e12, 0, 0);
    _lend(makeAddr("first lender"), 50_000_000e6);
    targetContract(address(_handler));
  }

  function _config() internal view override returns (VaultConfig memory config) {
    config = super._config();
    config.batchLiquidator = address(0xBAD2);
  }

  /// @dev A feed that speaks once a day at least.
  function _measure() private pure returns (VolatilityConfig memory config) {
    config.halfLife = 6 hours;
    config.heartbeat = 1 days;
    config.maxReturn = 0.2e18;
    config.deviation = 0.005e18;
    config.floor = 68e12;
    config.initialVolatility = 170e12;
  }

  function _baseOf(address feed) private pure returns (StewardConfig memory config) {
    config = _base();
    config.feed = feed;
    config.calmVolatility = 0.25e15;
    config.wildVolatility = 0.8e15;
    config.maxInputAge = 1 days;
  }

  /// @dev All laws in one function: the runner replays the whole campaign for each one.
  function invariant_laws() public view {
    _checkLaws(_handler);
  }

  /// @dev That the laws were tried: everybody acted, and every act got through.
  function test_theHandlerDoesRealWork() public {
    for (uint256 i = 0; i < 900; ++i) {
      _act(uint256(keccak256(abi.encode(i))));
      if (i % 30 == 0) _checkLaws(_handler);
    }
    _checkLaws(_handler);
    for (uint256 i = 1; i < 14; ++i) {
      // The start premium stays at its ceiling.
      if (i == 2) continue;
      assertGe(_handler.tightened(i), 3, string.concat("tightened ", vm.toString(i)));
      assertGe(_handler.loosened(i), 3, string.concat("loosened ", vm.toString(i)));
    }
    string[19] memory acts = [
      "applied",
      "frozen",
      "announced",
      "ramps",
      "ramped",
      "vetoed",
      "nothing to veto",
      "poked",
      "at the edge",
      "due",
      "not due",
      "rescued",
      "refused",
      "refused: unhealthy",
      "hair sold",
      "hair refused",
      "sold",
      "not sold",
      "cancelled"
    ];
    for (uint256 i = 0; i < acts.length; ++i) assertGe(_handler.counts(bytes32(bytes(acts[i]))), 3, acts[i]);
    assertGe(_handler.calls("deleverage went"), 3, "deleveraged by others");
  }

  /// @dev Mostly borrowers near their limit, whom others watch.
  function _act(uint256 seed) private {
    uint256 what = seed % 24;
    uint256 a = seed >> 8;
    uint256 b = seed >> 80;
    if (what == 0) _handler.deposit(a, b);
    else if (what == 1) _handler.supplyCollateral(a, b);
    else if (what == 2) _handler.borrow(a, b);
    else if (what == 3) _handler.repay(a, a, b);
    else if (what == 4) _handler.startSale(a, true);
    else if (what == 5) _handler.startAndTake(a, b, b % 2 == 0);
    else if (what == 6) _sellBelowTheEdge(a, b);
    else if (what == 7) _handler.movePrice(a, b);
    else if (what == 8) _handler.pass(a);
    else if (what == 9) _handler.calmDays();
    else if (what < 12) _look(a);
    else if (what == 12) _tellTwice(a, b, uint8(seed >> 200));
    else if (what == 13) _handler.breakFeed(a);
    else if (what == 14) _handler.moveToTheEdge(a);
    else if (what == 15) _handler.placeOrder(a, b, seed >> 120, seed >> 60);
    else if (what == 16) _handler.cancelOrder(a);
    else if (what == 17) _handler.guard(a);
    else if (what == 18) _handler.govern(a, b);
    else if (what == 19) _handler.deleverage(a, b, seed >> 160);
    else if (what == 20) _refresh(a, b);
    else _rescueNearTheEdge(what, a, b);
  }

  /// @dev After days of calm the market turns, or an input is lost.
  function _tellTwice(uint256 a, uint256 b, uint8 missing) private {
    _handler.calmDays();
    _handler.tell(1_000e12 + (a % 400e12), 0, 0);
    _handler.applyTo(a);
    _handler.pass(b);
    _handler.tell(a, b, missing);
    _handler.applyTo(b);
    // The guardian's veto.
    if (_steward.state(address(vault)).startsAt != 0 && missing % 2 == 0) _handler.guard(1);
  }

  /// @dev Who lost everything starts again, and the price is where it was.
  function _refresh(uint256 a, uint256 b) private {
    oracle.setPrice(START_PRICE);
    for (uint256 i = 0; i < _handler.borrowerCount(); ++i) {
      _handler.realizeLoss(i);
      _handler.repay(i, i, type(uint256).max);
      _handler.supplyCollateral(i, a);
      _handler.borrow(i, b);
    }
  }

  function _look(uint256 a) private {
    _handler.poke(a);
    _handler.applyTo(a);
  }

  function _sellBelowTheEdge(uint256 a, uint256 b) private {
    _handler.moveToTheEdge(a);
    oracle.setPrice((oracle.price().deciding * 98) / 100);
    _handler.startSale(a, true);
    _handler.sell(a, b);
  }

  function _rescueNearTheEdge(uint256 what, uint256 a, uint256 b) private {
    _handler.moveToTheEdge(a);
    for (uint256 i = 0; what == 21 && i < 3; ++i) _handler.deleverageHair((a >> 8) + i, b, b >> 32);
    if (what == 22) oracle.setPrice((oracle.price().deciding * (BPS + (b % 60))) / (BPS + 20));
    _handler.placeOrder(a, b, b, b >> 8);
    _handler.rescue(a, b);
  }
}
