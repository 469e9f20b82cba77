import type { SaleTerms } from "../../sdk/terms.ts";
import type { Report } from "./report.ts";

/** Terms as a contract shows them, field by field. */
export const verifyTerms = (report: Report, name: string, found: SaleTerms, expected: SaleTerms): void => {
  for (const key of Object.keys(expected) as readonly (keyof SaleTerms)[]) {
    report.equal(`${name}.${key}`, found[key], expected[key]);
  }
};
