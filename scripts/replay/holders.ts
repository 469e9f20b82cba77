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

  get entries(): readonly (readonly [name: string, address: string])[] {
    return [...this.byName];
  }
}
