// Lint rules, type-checked. Who may import whom is in .dependency-cruiser.cjs.
import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** The idiom that packs lines: { ...{ a, b } }. A later entry for the same files replaces the rule, so each has it. */
const packed = {
  selector: "ObjectExpression > SpreadElement > ObjectExpression[properties.length>0]",
  message: "Write the properties themselves, not a spread of a literal.",
};

export default tseslint.config(
  {
    ignores: [
      "dist",
      "policy/dist",
      "node_modules",
      ".lab",
      ".toolchain",
      "**/fixtures/**",
      "docs/template",
    ],
  },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "no-restricted-syntax": ["error", packed],
    },
  },
  {
    files: ["src/decide/**/*.ts", "src/presets/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["@pulumi/*", "node:*", "fs", "path"], message: "Decisions are pure." },
          ],
        },
      ],
      "no-restricted-syntax": [
        "error",
        packed,
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "No clock." },
        {
          selector: "MemberExpression[object.name='Date'][property.name='now']",
          message: "No clock.",
        },
        {
          selector: "MemberExpression[object.name='DateTime'][property.name=/^(now|utc|local)$/]",
          message: "No clock.",
        },
      ],
    },
  },
  {
    files: ["components/**/*.ts", "index.ts"],
    rules: {
      // Trap 1 of the style: options in the wrong slot of super() vanish without a word.
      "no-restricted-syntax": [
        "error",
        packed,
        {
          selector:
            "ClassDeclaration[superClass.property.name='ComponentResource'] CallExpression[callee.type='Super'][arguments.length!=4]",
          message: "super(TYPE, name, inputs, opts): the options are the fourth argument.",
        },
      ],
    },
  },
  {
    files: ["test/**/*.ts", "packages/*/test/**/*.ts"],
    rules: { "@typescript-eslint/no-floating-promises": "error" },
  },
  {
    files: ["**/*.{mjs,cjs}"],
    languageOptions: {
      globals: Object.fromEntries(
        [
          "process",
          "console",
          "require",
          "module",
          "__dirname",
          "setTimeout",
          "clearTimeout",
          "URL",
        ].map((name) => [name, "readonly"]),
      ),
    },
  },
);
