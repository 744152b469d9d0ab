// The resources of an exported state, as the policy pack's rules look at them. Secrets stay encrypted: whatever the
// export marks as one is replaced before a rule sees it, so no passphrase and no key is needed.
import { z } from "zod";
import type { Existing } from "../../../policy/evaluate";
import { REDACTED } from "../../../policy/reading";
import { UsageError } from "../usage-error";

/** The mark by which the engine's wire and its exports know a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const record = z.record(z.string(), z.unknown());
const resource = z.object({
  urn: z.string().startsWith("urn:pulumi:"),
  type: z.string(),
  inputs: record.default({}),
  outputs: record.default({}),
  protect: z.boolean().default(false),
  delete: z.boolean().default(false),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).default({}),
});
const deployment = z.object({
  deployment: z.object({ resources: z.array(resource).nullish() }),
});

/** @param exported what `pulumi stack export` printed @throws UsageError when it is not that */
export function readState(exported: string): Existing[] {
  const parsed = deployment.safeParse(redact(parse(exported)));
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    throw new UsageError(
      `The state must be what \`pulumi stack export\` prints, but ${first?.path.join(".") ?? "it"} is not (${first?.message ?? ""}).`,
    );
  }
  const kept = (parsed.data.deployment.resources ?? []).filter((one) => !one.delete);
  const byUrn = new Map<string, Existing & { propertyDependencies: Record<string, Existing[]> }>(
    kept.map(({ urn, type, inputs, outputs, protect }) => [
      urn,
      {
        urn,
        type,
        name: urn.split("::").slice(3).join("::"),
        props: inputs,
        outputs,
        opts: { protect },
        propertyDependencies: {},
      },
    ]),
  );
  for (const { urn, propertyDependencies } of kept) {
    for (const [input, urns] of Object.entries(propertyDependencies)) {
      const sources = (urns ?? []).flatMap((source) => byUrn.get(source) ?? []);
      Object.assign(byUrn.get(urn)?.propertyDependencies ?? {}, { [input]: sources });
    }
  }
  return [...byUrn.values()];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError("The state must be JSON, but is not.");
  }
}

function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Record<string, unknown>)[SIGNATURE] === SECRET) return REDACTED;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(inner)]));
}
