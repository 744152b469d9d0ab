// Whether the machine that runs Keyturn has the versions that package.json asks for. Pure.
import { type Finding, fails, notKnown, ok, warning } from "./finding";

/** What is installed, and what is asked for. */
export interface VersionFacts {
  /** Of this process, without a v. */
  readonly node: string;
  /** `>=20.20`. */
  readonly nodeRange: string;
  /** What `pulumi version` says; undefined when there is no such program. */
  readonly pulumi: string | undefined;
  /** The Pulumi that is asked for: `^3.259.0`, the version that Keyturn was tested with and newer ones of its major. */
  readonly pulumiAsked: string;
  /** Pulumi's packages that are asked for, with the version that is installed; undefined where none is. */
  readonly packages: readonly {
    readonly name: string;
    /** `^6.9.1`, or one version. */
    readonly asked: string;
    readonly installed: string | undefined;
  }[];
  /** Whether the policy pack and all that it needs can be read. */
  readonly policyPack: boolean;
}

/** One line for Node.js, one for Pulumi, one for its packages, one for the policy pack. */
export function versionFindings(facts: VersionFacts): Finding[] {
  return [nodeFinding(facts), pulumiFinding(facts), packagesFinding(facts), packFinding(facts)];
}

function nodeFinding({ node, nodeRange }: VersionFacts): Finding {
  const least = nodeRange.replace(/^>=\s*/, "");
  return isAtLeast(node, least)
    ? ok("Node.js", `${node}.`)
    : fails(
        "Node.js",
        `It must be ${least} or newer, but is ${node}.`,
        "Install a newer one, then run `npm ci`.",
      );
}

function pulumiFinding({ pulumi, pulumiAsked }: VersionFacts): Finding {
  const tested = pulumiAsked.replace("^", "");
  const install = `Install ${tested}, or run \`npm run keyturn -- doctor\`, which sets it up.`;
  if (pulumi === undefined)
    return fails("Pulumi", "The program pulumi must be on PATH, but is not.", install);
  const found = pulumi.trim().replace(/^v/, "");
  if (!/^\d+\.\d+\.\d+/.test(found))
    return notKnown("Pulumi", "`pulumi version` does not say a version.", install);
  if (!isAtLeast(found, tested))
    return fails("Pulumi", `It must be ${tested} or newer, but is ${found}.`, install);
  if (!isWithin(found, pulumiAsked))
    return warning(
      "Pulumi",
      `It is ${found}; Keyturn was tested with ${tested}, another major version.`,
      install,
    );
  return ok("Pulumi", `${found}.`);
}

function packagesFinding({ packages }: VersionFacts): Finding {
  const off = packages.filter(({ asked, installed = "" }) => !isWithin(installed, asked));
  const names = off.map(
    ({ name, asked, installed }) => `${name} must be ${asked}, but is ${installed ?? "missing"}`,
  );
  const found = packages.map(({ name, installed }) => `${name} ${installed ?? ""}`);
  return off.length === 0
    ? ok("packages", `${found.join(", ")}.`)
    : fails("packages", `${names.join("; ")}.`, "Run `npm ci`.");
}

function packFinding({ policyPack }: VersionFacts): Finding {
  return policyPack
    ? ok("policy pack", "It is there and compiled.")
    : fails(
        "policy pack",
        "The package keyturn-policy must be there, compiled, but is not.",
        "In a clone, run `npm ci` and `npm run build`; in a project of your own, install it.",
      );
}

/** Whether a version is what is asked for: the very one, or after `^` that one and newer ones of its major. */
function isWithin(version: string, asked: string): boolean {
  if (!asked.startsWith("^")) return version === asked;
  const least = asked.slice(1);
  return version.split(".")[0] === least.split(".")[0] && isAtLeast(version, least);
}

/** Whether a version is another one or newer, number by number; parts that `least` does not name are free. */
function isAtLeast(version: string, least: string): boolean {
  const found = version.split(/[.-]/).map(Number);
  const asked = least.split(".").map(Number);
  for (const [place, part] of asked.entries()) {
    const given = found[place] ?? 0;
    if (given !== part) return given > part;
  }
  return true;
}
