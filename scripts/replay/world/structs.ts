import type { ParamType } from "ethers";

const WORD = 64;
const PREFIX = "0x".length;

/**
 * Decodes a list of structs whose fields are numbers or addresses. The general decoder copies the whole answer for every struct: for
 * two hundred positions in every block that is most of a replay's time.
 * @param list Type of the list, as a contract's interface has it.
 * @param data ABI encoding of the list alone, as a function returns it.
 * @returns Fields by name; an address is the number that it is.
 */
export function decodeStructs(list: ParamType, data: string): readonly ReadonlyMap<string, bigint>[] {
  const fields = list.arrayChildren?.components ?? [];
  const word = (index: number): bigint =>
    BigInt(`0x${data.slice(PREFIX + index * WORD, PREFIX + (index + 1) * WORD)}`);
  // The offset of the list comes first, then its length.
  const [length, start] = [Number(word(1)), 2];
  return Array.from(
    { length },
    (_, i) => new Map(fields.map(({ name }, j) => [name, word(start + i * fields.length + j)])),
  );
}
