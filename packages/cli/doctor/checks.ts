// The checks of the doctor in the order in which they are shown: each reads what it needs and hands it to its decision.
import { clockProblem } from "../../../src/decide/clock";
import { parseHistory } from "../../../src/decide/history";
import { endingVersionNotes } from "../../../src/decide/api-versions";
import { isAutomatic } from "../../../src/keyturn-config";
import { saidTimes } from "../../../src/http/said-times";
import { heldVersions } from "../../../src/observe/state";
import { EngineError } from "../engine";
import { type Facts, InvalidConfig, NotSignedIn } from "./facts";
import { type Finding, fails, notKnown, ok, warning } from "./finding";
import { graphRightsFindings, signedInFindings } from "./identity";
import { readApplicationFindings, readSecretFindings } from "./read-application";
import { readAzureRights, readVaultFindings } from "./read-azure";
import { readHostFindings } from "./read-host";
import { readPolicyFindings } from "./read-policies";
import { readVersions } from "./read-versions";
import type { Check } from "./run-checks";
import { versionFindings } from "./versions";

/** Those that do not depend on each other's answers; what the engine is asked for is asked side by side first. */
export async function checksOf(facts: Facts): Promise<Check[]> {
  await Promise.allSettled([facts.config(), facts.resources(), facts.outputs()]);
  return [
    { name: "versions", find: async () => versionFindings(await readVersions()) },
    { name: "config", find: () => configFindings(facts) },
    { name: "sign-in", find: () => signInFindings(facts) },
    {
      name: "Graph permissions",
      find: async () => graphRightsFindings(await facts.config(), (await facts.graph()).claims),
    },
    { name: "Azure roles", find: () => readAzureRights(facts) },
    { name: "application", find: () => readApplicationFindings(facts) },
    { name: "client secrets", find: () => readSecretFindings(facts) },
    { name: "directory policies", find: () => readPolicyFindings(facts) },
    { name: "vault", find: () => readVaultFindings(facts) },
    { name: "last run", find: () => recordFindings(facts) },
    { name: "API versions", find: () => versionsInState(facts) },
    ...(await hostChecks(facts)),
  ];
}

/** One for each automatic consumer; none where the config does not say them. */
export async function hostChecks(facts: Facts): Promise<Check[]> {
  const consumers = await facts.config().then(
    (config) => config.consumers.filter(isAutomatic),
    () => [],
  );
  return consumers.map((consumer) => ({
    name: `host ${consumer.name}`,
    find: () => readHostFindings(facts, consumer),
  }));
}

/** After the others: Microsoft's time is what their answers said. */
export function clockCheck(facts: Facts): Check {
  return {
    name: "clock",
    find: async () => {
      const now = await facts.now();
      if (saidTimes().length === 0)
        return [
          notKnown(
            "clock",
            "No server of Microsoft's has said the time.",
            "Put right what the lines above say.",
          ),
        ];
      const problem = clockProblem(now, saidTimes());
      return [
        problem === undefined
          ? ok("clock", "It agrees with Microsoft's.")
          : fails("clock", problem, ""),
      ];
    },
  };
}

async function configFindings(facts: Facts): Promise<Finding[]> {
  try {
    const { name, consumers } = await facts.config();
    const plural = consumers.length === 1 ? "consumer" : "consumers";
    return [ok("config", `Credential ${name}, ${consumers.length} ${plural}.`)];
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error;
    const [, ...problems] = error.problems.split("\n");
    return problems.map((problem) => fails("config", problem.replace(/^- /, ""), ""));
  }
}

async function signInFindings(facts: Facts): Promise<Finding[]> {
  const place = await facts.place();
  try {
    const { claims } = await facts.graph();
    return signedInFindings(place, claims, facts.environment["ARM_SUBSCRIPTION_ID"]);
  } catch (error) {
    if (error instanceof NotSignedIn) return [fails("sign-in", error.why, "")];
    throw error;
  }
}

async function versionsInState(facts: Facts): Promise<Finding[]> {
  const [{ name }, resources, now] = await Promise.all([
    facts.config(),
    facts.resources(),
    facts.now(),
  ]);
  const notes = endingVersionNotes(name, heldVersions(resources), now);
  return notes.length === 0
    ? [ok("API versions", "The state names none of Azure's that ends.")]
    : notes.map((note) => warning("API versions", note, ""));
}

/** Whether the next run can read what the last one recorded. */
async function recordFindings(facts: Facts): Promise<Finding[]> {
  const [{ name }, resources] = await Promise.all([facts.config(), facts.resources()]);
  try {
    const { history, consumers, reason = "recorded" } = await facts.outputs();
    parseHistory(name, history, { resources, consumers });
    const says = history === undefined ? "None has been recorded yet." : `${reason}.`;
    return [ok("last run", says)];
  } catch (error) {
    if (error instanceof EngineError) throw error;
    return [fails("last run", error instanceof Error ? error.message : String(error), "")];
  }
}
