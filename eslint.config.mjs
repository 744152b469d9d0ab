// Lint rules, type-checked, and the import rules of the layout (design section 10).
import js from "@eslint/js";
import { importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** Says who may not import from where, and why. */
const zone = (target, from, message, except = []) => ({ target, from, message, except });

export default tseslint.config(
  { ignores: ["dist", "policy/dist", "node_modules", ".lab", ".toolchain", "**/fixtures/**"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { "import-x": importX },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "import-x/no-cycle": ["error", { maxDepth: 3 }],
      "import-x/no-restricted-paths": [
        "error",
        {
          zones: [
            ...["cli", "components", "presets", "steps", "toolchain"].map((from) =>
              zone("./lab", `./${from}`, "The lab imports nothing of ours."),
            ),
            zone("./lab", "./index.ts", "The lab imports nothing of ours."),
            zone("./lab", "./config.ts", "The lab imports nothing of ours."),
            zone(
              "./lab/plugins",
              "./lab",
              "A plugin stand-in works over the wire, never through the lab's memory.",
              ["./plugins", "./shared"],
            ),
            zone("./policy", ".", "The policy pack is a package of its own.", [
              "./policy",
              "./node_modules",
            ]),
            zone("./components", "./cli", "Components do not know who runs them."),
            zone("./components", "./lab", "Components do not know the lab."),
            zone("./components/pure", "./components", "Decisions import decisions only.", [
              "./pure",
            ]),
            zone("./presets", "./components", "Presets are data.", ["./pure"]),
            zone("./toolchain", "./components", "The toolchain knows no product."),
          ],
        },
      ],
    },
  },
  {
    files: ["components/pure/**/*.ts", "presets/**/*.ts"],
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
        {
          selector:
            "ClassDeclaration[superClass.property.name='ComponentResource'] CallExpression[callee.type='Super'][arguments.length!=4]",
          message: "super(TYPE, name, inputs, opts): the options are the fourth argument.",
        },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
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
