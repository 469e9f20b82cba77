import type { UniswapV3 } from "../../kit/uniswap.ts";
import type { MockERC20 } from "../../../typechain-types/index.ts";
import type { Chain } from "./chain.ts";

const MOST = 2n ** 256n - 1n;

/** The loan asset (a mock that can be minted) and the collateral asset (the real WETH9), with what was created of each. */
export class Tokens {
  readonly loan: string;
  readonly collateral: string;
  private readonly chain: Chain;
  private readonly erc20: MockERC20["interface"];
  private readonly weth: UniswapV3["weth"]["interface"];
  private readonly issued = { loan: 0n, collateral: 0n };

  constructor(chain: Chain, loan: MockERC20, weth: UniswapV3["weth"]) {
    this.chain = chain;
    this.loan = String(loan.target);
    this.collateral = String(weth.target);
    this.erc20 = loan.interface;
    this.weth = weth.interface;
  }

  /** What was created so far. */
  get created(): { readonly loan: bigint; readonly collateral: bigint } {
    return { ...this.issued };
  }

  /** @param sender Who sends the transaction: a contract cannot. */
  async mintLoan(owner: string, amount: bigint, sender = owner): Promise<void> {
    await this.chain.send(sender, this.loan, this.erc20.encodeFunctionData("mint", [owner, amount]));
    this.issued.loan += amount;
  }

  /** Gives the owner the ether first, and wraps it. */
  async wrap(owner: string, amount: bigint): Promise<void> {
    await this.chain.fund(owner, amount);
    await this.chain.send(owner, this.collateral, this.weth.encodeFunctionData("deposit"), amount);
    this.issued.collateral += amount;
  }

  async approve(owner: string, token: "loan" | "collateral", spender: string): Promise<void> {
    await this.chain.send(owner, this[token], this.erc20.encodeFunctionData("approve", [spender, MOST]));
  }

  async balanceOf(token: string, owner: string): Promise<bigint> {
    const answer = await this.chain.call(token, this.erc20.encodeFunctionData("balanceOf", [owner]));
    return this.erc20.decodeFunctionResult("balanceOf", answer)[0];
  }

  async totalSupply(token: string): Promise<bigint> {
    const answer = await this.chain.call(token, this.erc20.encodeFunctionData("totalSupply"));
    return this.erc20.decodeFunctionResult("totalSupply", answer)[0];
  }
}
