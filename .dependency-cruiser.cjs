// The house's floors: who may import whom, types counted. `npm run check` fails on one import that goes up or round.

/** Folders from the lowest floor to the highest; a folder imports from lower floors, and from itself. */
const floors = [
  ["src/[^/]+\\.ts$", "src/presets", "src/contracts", "policy"],
  ["src/decide", "src/http"],
  ["src/config", "src/observe", "src/steps"],
  ["components"],
  ["index\\.ts$", "packages/cli", "packages/toolchain", "packages/lab"],
  ["packages/rehearsal"],
  ["packages/bench"],
];
const at = (folders) => `^(${folders.join("|")})`;
const upwards = floors.slice(0, -1).map((folders, floor) => ({
  name: `no-import-upwards-from-floor-${floor}`,
  comment: "Move what is shared to the lower floor, or hand it in.",
  severity: "error",
  from: { path: at(folders), pathNot: "/test/" },
  to: { path: at(floors.slice(floor + 1).flat()) },
}));
const beside = (name, comment, from, to, pathNot) => ({
  name,
  comment,
  severity: "error",
  from: { path: from, pathNot: "/test/" },
  to: { path: to, ...(pathNot && { pathNot }) },
});

module.exports = {
  forbidden: [
    {
      name: "no-circles",
      comment: "Put what both need into a file of its own.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    ...upwards,
    beside(
      "lab-imports-nothing-of-ours",
      "The lab is the world, not the program.",
      "^packages/lab/",
      "^(components|src|policy|host|index\\.ts|packages/(?!lab/))",
    ),
    beside(
      "plugins-work-over-the-wire",
      "A stand-in never reaches into the lab's memory.",
      "^packages/lab/plugins/",
      "^packages/lab/",
      "^packages/lab/(plugins|shared)/",
    ),
    beside(
      "policy-is-a-package-of-its-own",
      "It is usable on any stack.",
      "^policy/",
      "^(components|src|packages|index\\.ts)",
    ),
    beside(
      "toolchain-knows-no-product",
      "It sets up a clone, whatever is in it.",
      "^packages/toolchain/",
      "^(components|src|policy|packages/(?!toolchain/))",
    ),
    beside(
      "cli-knows-no-lab",
      "The operator's command has no rehearsal in it.",
      "^packages/cli/",
      "^packages/(?!cli/)",
    ),
    beside(
      "decisions-are-pure",
      "No Pulumi, no Node, no input or output.",
      "^src/(decide|presets)/",
      "^(node:|@pulumi|fs|path|crypto)|node_modules/@pulumi|^src/(http|observe|config|steps)/",
    ),
    beside(
      "http-and-decide-are-apart",
      "Asking and deciding meet in observe.",
      "^src/http/",
      "^src/decide/",
    ),
    beside(
      "config-observes-nothing",
      "Config is checked before anything is asked.",
      "^src/config/",
      "^src/(observe|steps|http)/",
    ),
    beside(
      "steps-stand-alone",
      "A step runs as a program of its own.",
      "^src/steps/",
      "^src/(observe|config|decide)/",
    ),
    beside(
      "components-read-nothing",
      "What they need is handed in; the one that hands it in is no component, but a whole program.",
      "^components/(?!rotated-client-secret\\.ts$)",
      "^src/(config|steps|http)/",
    ),
    beside(
      "tests-are-not-imported",
      "Only tests import tests.",
      "^(index\\.ts|components|src|policy|packages/[^/]+/(?!test/))",
      "(^|/)test/",
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|node_modules)/|/fixtures/" },
  },
};
