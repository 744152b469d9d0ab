// What an upgrade may change in a stack that was deployed with an earlier release: per resource, with the reason.
import type { Step } from "./steps";

interface Allowance {
  /** Commit of the release that the stack was deployed with. */
  readonly commit: string;
  /** The step's sentence, whole: "update sesar-alarm (tags)". */
  readonly step: RegExp;
  /** What changed, and why nobody is harmed by it. */
  readonly why: string;
}

/** Every entry is news to an operator, and stands in CHANGELOG.md too. */
const ALLOWED: readonly Allowance[] = [
  {
    commit: "8dd8afe",
    step: /update [\w-]+-(vault|secret|file-secret) \(azureApiVersion\)/,
    why: "Key Vault's API at 2026-02-01: the same vault and the same secret, written once more as they are, in place.",
  },
];

/** Types that were declared under another token: what the state of an earlier release calls otherwise. */
const MOVED: readonly (readonly [from: RegExp, to: string])[] = [
  [/\$azure-native:keyvault:(Vault|Secret)::/, "$azure-native:keyvault/v20260201:$1::"],
];

/** The URN under which today's program knows a resource of an earlier release. */
export function urnToday(urn: string): string {
  return MOVED.reduce((name, [from, to]) => name.replace(from, to), urn);
}

/** The release that a stack was deployed with. */
interface From {
  readonly commit: string;
  /** Whether a script that is carried to hosts differs from today's. */
  readonly otherHostScript: boolean;
}

export function isAllowed(
  { commit, otherHostScript }: From,
  step: Step,
  sentence: string,
): boolean {
  return (
    (otherHostScript && isHostScript(step)) ||
    ALLOWED.some((one) => one.commit === commit && one.step.exec(sentence)?.[0] === sentence)
  );
}

/**
 * Another script is copied under a name of its own, which is told why from then on, and run once, after a look at the host.
 * The host then answers that nothing had to be done; that its service was left running is the test's to look at.
 */
function isHostScript({ urn, op, diffs }: Step): boolean {
  const kind = /(\w+\$command:\w+:\w+)::[\w-]+$/.exec(urn)?.[1] ?? "";
  const inputs = HOST_SCRIPT_INPUTS[kind];
  return inputs !== undefined && op !== "delete" && diffs.every((one) => inputs.includes(one));
}

const HOST_SCRIPT_INPUTS: Readonly<Record<string, readonly string[]>> = {
  "HostReach$command:local:Command": ["stdin"],
  "HostUpdate$command:remote:CopyToRemote": ["remotePath", "source", "triggers"],
  "HostUpdate$command:remote:Command": ["create", "stdin"],
};
