import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

import { rooms } from "./eslint.rooms.ts";

const NO_DEFAULT_EXPORT = {
  selector: "ExportDefaultDeclaration",
  message: "Export by name: one thing has one name everywhere.",
};

const skippable = ["describe", "it", "context"].flatMap((object) => [
  { object, property: "only", message: "Would leave the other tests out." },
  { object, property: "skip", message: "Delete the test or mend it." },
]);

export default defineConfig(
  globalIgnores([
    "artifacts/",
    "cache/",
    "coverage/",
    "deploy/deployments/",
    "deployments/",
    "reports/",
    "snapshots/",
    "typechain-types/",
  ]),
  {
    files: ["**/*.ts"],
    plugins: { gavel: { rules: { rooms } } },
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "gavel/rooms": "error",
      "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/naming-convention": [
        "error",
        { selector: "typeLike", format: ["PascalCase"] },
        { selector: "function", format: ["camelCase"] },
      ],
      // Numbers and amounts belong into messages.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // Tables of calls want one shape, whether or not a row has to wait.
      "@typescript-eslint/require-await": "off",
      // A step that answers nothing may end a branch.
      "@typescript-eslint/no-meaningless-void-operator": "off",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "no-restricted-properties": ["error", ...skippable],
      // Chai's assertions are properties.
      "@typescript-eslint/no-unused-expressions": "off",
      // Hardhat's helpers are meant to be taken out of their connection.
      "@typescript-eslint/unbound-method": "off",
      // A test that indexes what is not there fails by itself.
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    // What ethers reads from contracts has no type here and there, and its contracts stand for their addresses.
    files: ["scripts/replay/**/*.ts", "scripts/kit/**/*.ts", "test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-base-to-string": "off",
    },
  },
  {
    // What loads these files looks for a default export.
    files: ["*.config.*", "hardhat/*.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
);
