/** EIP-712 signatures that the vault takes. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { Signature, type AddressLike, type TypedDataDomain } from "ethers";

import type { IVault } from "../../typechain-types/contracts/interfaces/IVault.ts";
import { ethers } from "./chain.ts";

/** What of a signature may be other than what the vault expects next. */
export interface SignatureChange {
  readonly domain?: TypedDataDomain;
  readonly nonce?: bigint;
}

export interface OperatorChange extends SignatureChange {
  readonly operator: HardhatEthersSigner;
  readonly deadline: bigint;
  readonly owner?: string;
  readonly approved?: boolean;
}

export interface PermitChange extends SignatureChange {
  readonly spender: AddressLike;
  readonly value: bigint;
  readonly deadline: bigint;
}

async function domainOf(vault: IVault): Promise<TypedDataDomain> {
  const { chainId } = await ethers.provider.getNetwork();
  return { name: await vault.name(), version: "1", chainId, verifyingContract: await vault.getAddress() };
}

/** Appoints an operator of `owner` (the signer unless named). */
export async function signOperator(
  vault: IVault,
  signer: HardhatEthersSigner,
  { operator, deadline, owner = signer.address, approved = true, nonce, domain }: OperatorChange,
): Promise<string> {
  return signer.signTypedData(
    { ...(await domainOf(vault)), ...domain },
    {
      SetOperator: [
        { name: "owner", type: "address" },
        { name: "operator", type: "address" },
        { name: "approved", type: "bool" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    },
    {
      owner,
      operator: operator.address,
      approved,
      nonce: nonce ?? (await vault.operatorNonce(owner)),
      deadline,
    },
  );
}

/** Allows the signer's shares to a spender (EIP-2612). */
export async function signPermit(
  vault: IVault,
  signer: HardhatEthersSigner,
  { spender, value, deadline, nonce, domain }: PermitChange,
): Promise<Signature> {
  const signature = await signer.signTypedData(
    { ...(await domainOf(vault)), ...domain },
    {
      Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    },
    {
      owner: signer.address,
      spender: await ethers.resolveAddress(spender),
      value,
      nonce: nonce ?? (await vault.nonces(signer)),
      deadline,
    },
  );
  return Signature.from(signature);
}
