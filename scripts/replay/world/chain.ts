import { keccak256, toUtf8Bytes } from "ethers";
import type { NetworkHooks } from "hardhat/types/hooks";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";
import { z } from "zod";

import { type Fork, forkEnvironment, localEnvironment } from "./environment.ts";

/** A log of a receipt. */
export interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export interface Receipt {
  readonly gasUsed: bigint;
  readonly logs: readonly Log[];
}

const receiptSchema = z.object({
  gasUsed: z.coerce.bigint(),
  logs: z.array(z.object({ address: z.string(), topics: z.array(z.string()), data: z.string() })),
});

/** Enough for every transaction here; what is not used is not paid. */
const GAS_LIMIT = `0x${(30_000_000).toString(16)}`;
const DEPLOYER_NONCE = 1_000_000;
/** Ether of every account: gas is never short. */
const BALANCE = 10n ** 24n;
const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/**
 * An in-process chain whose clock is the scenario's: every transaction lies at the moment that `moveTo` set, whatever the
 * wall clock says, so that a run depends on its inputs alone. Several transactions may share a moment, as they share a block
 * on a real chain; each sees what the ones before did.
 */
export class Chain {
  readonly connection: NetworkConnection<"l1">;
  private gasPrice: bigint;
  /** Chain time less scenario time, seconds. */
  private readonly shift: number;
  private now: number;
  private minedAt: number;
  private stopKeepingTime = (): void => undefined;

  private constructor(connection: NetworkConnection<"l1">, gasPrice: bigint, time: number, head: number) {
    this.connection = connection;
    this.gasPrice = gasPrice;
    this.shift = head - time;
    this.now = time;
    this.minedAt = time;
  }

  /** A new chain, of its own or on a fork, whose head is at `time` of the scenario. */
  static async open(options: {
    readonly time: number;
    readonly gasPrice: bigint;
    readonly fork?: Fork | undefined;
  }): Promise<Chain> {
    const { time, gasPrice, fork } = options;
    const environment = fork === undefined ? localEnvironment(time) : await forkEnvironment(fork);
    const { hre, chainType, override } = environment;
    const connection = (await hre.network.create({
      network: "sim",
      chainType,
      override: { ...override, allowBlocksWithSameTimestamp: true },
    })) as NetworkConnection<"l1">;
    const latest = await connection.ethers.provider.getBlock("latest");
    if (latest === null) throw new Error("the chain has no block");
    const chain = new Chain(connection, gasPrice, time, latest.timestamp);
    // Whoever works out fees for itself looks at the latest block.
    await chain.request("hardhat_setNextBlockBaseFeePerGas", hex(gasPrice));
    await chain.request("evm_mine", hex(latest.timestamp));
    chain.keepTime(hre);
    return chain;
  }

  /** Sets time and base fee before every transaction of this chain, whoever sends it. */
  private keepTime(hre: HardhatRuntimeEnvironment): void {
    const handlers: Partial<NetworkHooks> = {
      onRequest: async (context, connection, request, next) => {
        if (connection.id === this.connection.id && request.method === "eth_sendTransaction") {
          const settings = [
            { method: "evm_setNextBlockTimestamp", params: [hex(this.now + this.shift)] },
            { method: "hardhat_setNextBlockBaseFeePerGas", params: [hex(this.gasPrice)] },
          ];
          for (const setting of settings) await next(context, connection, { ...request, ...setting });
          this.minedAt = this.now;
        }
        return next(context, connection, request);
      },
    };
    hre.hooks.registerHandlers("network", handlers);
    this.stopKeepingTime = () => {
      hre.hooks.unregisterHandlers("network", handlers);
    };
  }

  /** Unix seconds of the scenario. */
  get time(): number {
    return this.now;
  }

  /** Chain time of a moment of the scenario. */
  toChainTime(time: number): bigint {
    return BigInt(time + this.shift);
  }

  /** Moment of the scenario of a chain time. */
  toScenarioTime(timestamp: bigint): number {
    return Number(timestamp) - this.shift;
  }

  /** @param gasPrice From then on, wei; undefined: as before. */
  moveTo(time: number, gasPrice?: bigint): void {
    if (time < this.now) throw new RangeError(`time runs forward: ${time} is before ${this.now}`);
    this.now = time;
    this.gasPrice = gasPrice ?? this.gasPrice;
  }

  async request(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.connection.provider.request({ method, params: [...params] });
  }

  /** An account that may send transactions, always the same one for a name. */
  async actor(name: string): Promise<string> {
    const address = `0x${keccak256(toUtf8Bytes(`gavel replay: ${name}`)).slice(-40)}`;
    await this.request("hardhat_impersonateAccount", address);
    await this.fund(address, 0n);
    return address;
  }

  /** Gives an account ether to pay gas with, and `amount` on top. */
  async fund(address: string, amount: bigint): Promise<void> {
    await this.request("hardhat_setBalance", address, hex(BALANCE + amount));
  }

  /** Contracts get the same addresses on every chain, forked or not, whatever its deployer did there before. */
  async prepareDeployer(address: string): Promise<void> {
    await this.fund(address, 0n);
    await this.request("hardhat_setNonce", address, hex(DEPLOYER_NONCE));
  }

  async send(from: string, to: string, data: string, value = 0n): Promise<Receipt> {
    const hash = await this.request("eth_sendTransaction", {
      from,
      to,
      data,
      value: hex(value),
      gas: GAS_LIMIT,
      gasPrice: hex(this.gasPrice),
    });
    return receiptSchema.parse(await this.request("eth_getTransactionReceipt", hash));
  }

  /** Reads at this moment; with a caller, also at the gas price that the caller's transaction would have. */
  async call(to: string, data: string, from?: string): Promise<string> {
    await this.catchUp();
    const caller = from === undefined ? {} : { from, gas: GAS_LIMIT, gasPrice: hex(this.gasPrice) };
    return z.string().parse(await this.request("eth_call", { to, data, ...caller }, "latest"));
  }

  /** As `call`; undefined where the contract reverts. */
  async tryCall(to: string, data: string, from?: string): Promise<string | undefined> {
    try {
      return await this.call(to, data, from);
    } catch (error) {
      if (error instanceof Error && error.message.includes("revert")) return undefined;
      throw error;
    }
  }

  /** A block at this moment, so that calls see its time and base fee. */
  private async catchUp(): Promise<void> {
    if (this.minedAt >= this.now) return;
    await this.request("hardhat_setNextBlockBaseFeePerGas", hex(this.gasPrice));
    await this.request("evm_mine", hex(this.now + this.shift));
    this.minedAt = this.now;
  }

  async close(): Promise<void> {
    this.stopKeepingTime();
    await this.connection.close();
  }
}
