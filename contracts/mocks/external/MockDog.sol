// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IMakerDog} from "../../interfaces/external/IMakerDog.sol";

/// @title MockDog
/// @notice Maker's Dog and, in the same place, as much of its Vat as a liquidation reads: signatures, units and arithmetic are the
/// true ones (WAD amounts of collateral and normalised debt, RAY rates and prices, RAD Dai), the permissions are not: anyone may do
/// what Maker's governance and auctions do.
contract MockDog is IMakerDog {
  struct Ilk {
    address clip;
    uint256 chop;
    uint256 hole;
    uint256 dirt;
  }

  struct VatIlk {
    uint256 rate;
    uint256 spot;
    uint256 dust;
  }

  struct Urn {
    uint256 ink;
    uint256 art;
  }

  error NotLive();
  error NotUnsafe();
  error LiquidationLimitHit();
  error LeavesDust();
  error NullAuction();
  error UnrecognizedParam();

  uint256 private constant _WAD = 1e18;

  uint256 public live = 1;
  mapping(bytes32 ilk => Ilk) public ilks;
  mapping(bytes32 ilk => VatIlk) public vatIlks;
  mapping(bytes32 ilk => mapping(address urn => Urn)) public urns;

  uint256 private _hole;
  uint256 private _dirt;

  function file(bytes32 what, uint256 data) external {
    if (what != "Hole") revert UnrecognizedParam();
    _hole = data;
  }

  function file(bytes32 ilk, bytes32 what, uint256 data) external {
    if (what == "chop") ilks[ilk].chop = data;
    else if (what == "hole") ilks[ilk].hole = data;
    else revert UnrecognizedParam();
  }

  function file(bytes32 ilk, bytes32 what, address clip) external {
    if (what != "clip") revert UnrecognizedParam();
    ilks[ilk].clip = clip;
  }

  function setVatIlk(bytes32 ilk, VatIlk calldata vatIlk) external {
    vatIlks[ilk] = vatIlk;
  }

  function setUrn(bytes32 ilk, address urn, uint256 ink, uint256 art) external {
    urns[ilk][urn] = Urn(ink, art);
  }

  /// @notice Starts the liquidation of as much of an unsafe urn as fits under both holes.
  function bark(bytes32 ilk, address urn) external {
    if (live != 1) revert NotLive();
    Ilk storage milk = ilks[ilk];
    VatIlk memory vatIlk = vatIlks[ilk];
    Urn storage vault = urns[ilk][urn];
    if (vatIlk.spot == 0 || vault.ink * vatIlk.spot >= vault.art * vatIlk.rate) revert NotUnsafe();
    uint256 room = Math.min(_hole - _dirt, milk.hole - milk.dirt);
    if (room == 0 || room < vatIlk.dust) revert LiquidationLimitHit();
    uint256 dart = Math.min(vault.art, (room * _WAD) / vatIlk.rate / milk.chop);
    if (dart != vault.art && (vault.art - dart) * vatIlk.rate < vatIlk.dust) revert LeavesDust();
    uint256 dink = Math.min(vault.ink, (vault.ink * dart) / vault.art);
    if (dink == 0) revert NullAuction();
    vault.ink -= dink;
    vault.art -= dart;
    uint256 tab = (dart * vatIlk.rate * milk.chop) / _WAD;
    _dirt += tab;
    milk.dirt += tab;
  }

  /// @notice An auction raised, or gave up, so much.
  function digs(bytes32 ilk, uint256 rad) external {
    _dirt -= rad;
    ilks[ilk].dirt -= rad;
  }

  function cage() external {
    live = 0;
  }

  function Dirt() external view returns (uint256) {
    return _dirt;
  }

  function Hole() external view returns (uint256) {
    return _hole;
  }
}
