/**
 * Fixed-point arithmetic on bigint, equal to the contracts' to the last digit.
 *
 * bigint division truncates towards zero and `>>` rounds down, as the EVM's signed division and shift do.
 */

export const WAD = 10n ** 18n;
/** Basis points in one. */
export const BPS = 10_000n;
/** Prices are loan units per collateral unit, times this. */
export const PRICE_SCALE = 10n ** 36n;
export const SECONDS_PER_YEAR = 31_536_000n;
export const MAX_UINT256 = 2n ** 256n - 1n;

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function abs(a: bigint): bigint {
  return a < 0n ? -a : a;
}

export function clamp(x: bigint, least: bigint, most: bigint): bigint {
  return min(max(x, least), most);
}

/** a - b, or 0 where that is negative. */
export function zeroFloorSub(a: bigint, b: bigint): bigint {
  return a > b ? a - b : 0n;
}

/** a / b rounded up, for a >= 0 and b > 0. */
export function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** a x b / denominator rounded down, for values >= 0. */
export function mulDivDown(a: bigint, b: bigint, denominator: bigint): bigint {
  return (a * b) / denominator;
}

/** a x b / denominator rounded up, for values >= 0. */
export function mulDivUp(a: bigint, b: bigint, denominator: bigint): bigint {
  return ceilDiv(a * b, denominator);
}

const Q96 = 2n ** 96n;
const FIVE_POW_18 = 5n ** 18n;

/** Horner's rule in 96-bit fixed point, highest power first; the leading coefficient is 1 (monic). */
function horner(x: bigint, coefficients: readonly bigint[]): bigint {
  const [first = 0n, ...others] = coefficients;
  return others.reduce((sum, coefficient) => ((sum * x) >> 96n) + coefficient, x + first);
}

/** ln 2 in 96-bit fixed point. */
const LN_2_Q96 = 54_916_777_467_707_473_351_141_471_128n;
/** Below it e^x is less than half a WAD unit, from the other on it does not fit an int256. */
const EXP_MIN = -41_446_531_673_892_822_313n;
const EXP_MAX = 135_305_999_368_893_231_589n;
/** Scale of the rational approximation, times the change of base from 2^96 to 1e18, in 213-bit fixed point. */
const EXP_SCALE = 3_822_833_074_963_236_453_042_738_258_902_158_003_155_416_615_667n;
const EXP_DENOMINATOR = [
  -2_855_989_394_907_223_263_936_484_059_900n,
  50_020_603_652_535_783_019_961_831_881_945n,
  -533_845_033_583_426_703_283_633_433_725_380n,
  3_604_857_256_930_695_427_073_651_918_091_429n,
  -14_423_608_567_350_463_180_887_372_962_807_573n,
  26_449_188_498_355_588_339_934_803_723_976_023n,
];

/**
 * e^x for a WAD x, as a WAD: Remco Bloemen's rational approximation with the coefficients and roundings of Solady's
 * `expWad`, so that both give the same integer.
 */
export function expWad(x: bigint): bigint {
  if (x <= EXP_MIN) return 0n;
  if (x >= EXP_MAX) throw new RangeError(`e^x does not fit an int256: x = ${x}`);

  const scaled = (x << 78n) / FIVE_POW_18;
  const k = ((scaled << 96n) / LN_2_Q96 + 2n ** 95n) >> 96n;
  const t = scaled - k * LN_2_Q96;

  const y =
    (((t + 1_346_386_616_545_796_478_920_950_773_328n) * t) >> 96n) +
    57_155_421_227_552_351_082_224_309_758_442n;
  const z =
    (((y + t - 94_201_549_194_550_492_254_356_042_504_812n) * y) >> 96n) +
    28_719_021_644_029_726_153_956_944_680_412_240n;
  const numerator = z * t + 4_385_272_521_454_847_904_659_076_985_693_276n * Q96;

  return ((numerator / horner(t, EXP_DENOMINATOR)) * EXP_SCALE) >> (195n - k);
}

const LN_DENOMINATOR = [
  5_573_035_233_440_673_466_300_451_813_936n,
  71_694_874_799_317_883_764_090_561_454_958n,
  283_447_036_172_924_575_727_196_451_306_956n,
  401_686_690_394_027_663_651_624_208_769_553n,
  204_048_457_590_392_012_362_485_061_816_622n,
  31_853_899_698_501_571_402_653_359_427_138n,
  909_429_971_244_387_300_277_376_558_375n,
];
const LN_NUMERATOR = [
  3_273_285_459_638_523_848_632_254_066_296n,
  24_828_157_081_833_163_892_658_089_445_524n,
  43_456_485_725_739_037_958_740_375_743_393n,
  -11_111_509_109_440_967_052_023_855_526_967n,
  -45_023_709_667_254_063_763_336_534_515_857n,
  -14_706_773_417_378_608_786_704_636_184_526n,
];
/** Scale of the rational approximation, ln 2 and ln(2^96 / 1e18), each in 192-bit fixed point times 5^18. */
const LN_SCALE = 1_677_202_110_996_718_588_342_820_967_067_443_963_516_166n;
const LN_2_SCALED =
  16_597_577_552_685_614_221_487_285_958_193_947_469_193_820_559_219_878_177_908_093_499_208_371n;
const LN_BASE_SCALED =
  600_920_179_829_731_861_736_702_779_321_621_459_595_472_258_049_074_101_567_377_883_020_018_308n;

/** Natural logarithm of a WAD x > 0, as a WAD: the same integer as Solady's `lnWad`. */
export function lnWad(x: bigint): bigint {
  if (x <= 0n) throw new RangeError(`no logarithm of ${x}`);

  const k = BigInt(x.toString(2).length - 1) - 96n;
  const t = k > 0n ? x >> k : x << -k;

  const numerator = horner(t, LN_NUMERATOR) * t - 795_164_235_651_350_426_258_249_787_498n * Q96;
  const ratio = numerator / horner(t, LN_DENOMINATOR);
  return (LN_SCALE * ratio + LN_2_SCALED * k + LN_BASE_SCALED) >> 174n;
}
