// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IMakerDog} from "../../interfaces/external/IMakerDog.sol";
import {IStressSource} from "../../interfaces/IStressSource.sol";
import {IMakerDogSource} from "../../interfaces/sources/IMakerDogSource.sol";
import {StressMath} from "../../libraries/StressMath.sol";

/// @title MakerDogSource
/// @dev ASSUMPTIONS: the Dog is Maker's. Raised by whoever brings vaults of his own to liquidation, which costs him the penalty
/// on amounts as large as the holes; lowered by buying what is for sale; both by Maker's governance, which sets the holes. A
/// hole of nothing with auctions still open counts as full. No flash loan fills an auction and takes it back.
/// LIVENESS: a Dog that was shut down says nothing any more. ROUNDING: up.
contract MakerDogSource is IMakerDogSource {
  uint256 private constant _MAX_ILKS = 8;

  /// @inheritdoc IMakerDogSource
  address public immutable dog;

  bytes32[] private _ilks;

  constructor(address dog_, bytes32[] memory ilks_) {
    if (ilks_.length > _MAX_ILKS) revert InvalidParameter("ilks", ilks_.length);
    for (uint256 i = 0; i < ilks_.length; ++i) {
      (address clip, , , ) = IMakerDog(dog_).ilks(ilks_[i]);
      if (clip == address(0)) revert InvalidParameter("ilk", uint256(ilks_[i]));
    }
    dog = dog_;
    _ilks = ilks_;
  }

  /// @inheritdoc IStressSource
  function stress() external view returns (uint256 level, uint256 updatedAt) {
    IMakerDog source = IMakerDog(dog);
    if (source.live() != 1) revert NoReading(dog);
    level = StressMath.share(source.Dirt(), source.Hole());
    for (uint256 i = 0; i < _ilks.length; ++i) {
      (, , uint256 hole, uint256 dirt) = source.ilks(_ilks[i]);
      level = Math.max(level, StressMath.share(dirt, hole));
    }
    updatedAt = block.timestamp;
  }

  /// @inheritdoc IMakerDogSource
  function ilks() external view returns (bytes32[] memory) {
    return _ilks;
  }
}
