import { expect } from "chai";

import { DeploymentFailed, InputError, InvalidParameters, mistakes, UserError } from "../../sdk/errors.ts";

describe("Mistakes of users", () => {
  it("are lines with an exit code: 2 for what was given, 1 for what failed", () => {
    const given = mistakes.badCell("prices.csv", 3, "ts", "x", "a number");
    expect(given).to.be.instanceOf(InputError).and.instanceOf(UserError);
    expect([given.message, given.exitCode]).to.deep.equal(['prices.csv:3: ts is "x", expected a number', 2]);
    const failed = mistakes.unverified(1, 20);
    expect(failed).to.be.instanceOf(DeploymentFailed);
    expect([failed.message, failed.exitCode]).to.deep.equal([
      "verification: 1 of 20 checks failed: do not use this deployment",
      1,
    ]);
    const invalid = mistakes.invalidParameter("vault.name", "is missing");
    expect(invalid).to.be.instanceOf(InvalidParameters);
    expect([invalid.message, invalid.exitCode]).to.deep.equal(["vault.name: is missing", 2]);
    expect(mistakes.invalidParameter("", "is not valid").message).to.equal("is not valid");
  });

  it("name one column or several, and an LTV in per cent", () => {
    const one = mistakes.columnsMissing("a.csv", ["ts"], ["x", "y"], "more").message;
    expect(one).to.equal('a.csv: column "ts" is missing; its header is "x,y", expected more');
    const two = mistakes.columnsMissing("a.csv", ["ts", "price"], ["x"], "more").message;
    expect(two).to.equal('a.csv: columns "ts", "price" are missing; its header is "x", expected more');
    expect(mistakes.lendsTooMuch("aave", 8_450n, "Aave liquidates at", 8_300n).message).to.equal(
      "--mechanism aave: the parameters lend up to an LTV of 84.5%, and Aave liquidates at 83%",
    );
  });
});
