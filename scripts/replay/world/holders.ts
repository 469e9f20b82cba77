import type { AddressLike } from "ethers";

import type { Chain } from "./chain.ts";

/** Everybody who can hold a token here, by name: what the conservation check sums over. */
export class Holders {
  private readonly chain: Chain;
  private readonly byName = new Map<string, string>();

  constructor(chain: Chain) {
    this.chain = chain;
  }

  /** An account of this name that may send transactions. */
  async actor(name: string): Promise<string> {
    const address = await this.chain.actor(name);
    this.add(name, address);
    return address;
  }

  add(name: string, address: string): void {
    this.byName.set(name, address);
  }

  addAll(contracts: Readonly<Record<string, { readonly target: AddressLike }>>): void {
    for (const [name, { target }] of Object.entries(contracts)) this.add(name, String(target));
  }

  get entries(): readonly (readonly [name: string, address: string])[] {
    return [...this.byName];
  }

  namesOf(addresses: readonly string[]): readonly string[] {
    const wanted = new Set(addresses.map((address) => address.toLowerCase()));
    return this.entries.filter(([, address]) => wanted.has(address.toLowerCase())).map(([name]) => name);
  }
}
