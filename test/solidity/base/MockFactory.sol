// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface IMockFactory {
  function setVault(address vault, bool isVault) external;
}
