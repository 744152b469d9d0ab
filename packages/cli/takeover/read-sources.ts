// Asks the sources who holds which secret: each host over the road that a rotation takes, the sign-in log, the vaults' tags,
// and the confirmations of the config. Changes nothing; what does not answer is told with its reason.
import { z } from "zod";
import { parseHostReport, reportLines } from "../../../src/contracts/host-update";
import { dayOf, dayText } from "../../../src/decide/schedule";
import { LOG_KEEPS_DAYS, type LogContents, sameId } from "../../../src/decide/sign-ins";
import type { ListedSecret } from "../../../src/decide/listed-secret";
import { reasonOf } from "../../../src/http/patient-reader";
import {
  type AutomaticConsumer,
  type KeyturnConfig,
  isAutomatic,
} from "../../../src/keyturn-config";
import { LOG_OFF, readSignIns } from "../../../src/observe/sign-in-log";
import { unreadBecause } from "../../../src/observe/unread-log";
import type { Facts } from "../doctor/facts";
import { vaultNameIn } from "../doctor/read-azure";
import { checkByContract, noReport, reachHost } from "../doctor/read-host";
import { hostAnswer } from "./host-answer";
import type { HostAnswer, Sources, VaultAnswer } from "./sources";

const VAULTS = "Microsoft.KeyVault/vaults";
const SECRETS = "Microsoft.KeyVault/vaults/secrets";
const anything = z.looseObject({});
const tagged = z.object({ tags: z.record(z.string(), z.string()).nullish() });

/** What all sources say; none of them can fail it. @param listed the application's secrets */
export async function readSources(
  facts: Facts,
  clientId: string,
  listed: readonly ListedSecret[],
): Promise<Sources> {
  const config = await facts.config();
  const { consumers, confirmations } = config;
  const [hosts, log, vaults] = await Promise.all([
    Promise.all(consumers.filter(isAutomatic).map((one) => askHost(facts, one))),
    readLog(facts, config, clientId, listed),
    readVaults(facts, config, clientId),
  ]);
  return {
    consumers: consumers.map(({ name, addresses = [] }) => ({ name, addresses })),
    hosts,
    people: Object.entries(confirmations).map(([consumer, said]) => ({ consumer, ...said })),
    log,
    vaults,
  };
}

async function askHost(facts: Facts, consumer: AutomaticConsumer): Promise<HostAnswer> {
  const { name } = consumer;
  try {
    const secrets = await facts.secretsOf(name);
    await reachHost(facts, consumer, secrets);
    const checked = await checkByContract(facts, consumer, secrets);
    const { stdout } = checked.ended;
    return reportLines(stdout).reports.length === 0
      ? { consumer: name, why: noReport(checked) }
      : hostAnswer(name, parseHostReport(stdout));
  } catch (error) {
    return { consumer: name, why: reasonOf(error).replace(`${name}: `, "") };
  }
}

async function readLog(
  facts: Facts,
  { signInLog }: KeyturnConfig,
  clientId: string,
  listed: readonly ListedSecret[],
): Promise<LogContents> {
  if (!signInLog) return LOG_OFF;
  try {
    const [{ reader }, now] = await Promise.all([facts.graph(), facts.now()]);
    const kept = dayText(dayOf(now).minus({ days: LOG_KEEPS_DAYS }));
    const issued = listed.map(({ startDate }) => dayText(dayOf(startDate))).sort()[0] ?? kept;
    return await readSignIns(reader, clientId, issued > kept ? issued : kept);
  } catch (error) {
    return { entries: undefined, ...unreadBecause(error) };
  }
}

/** The stack's vault, and those that the hosts know as former writers of their files. */
async function readVaults(
  facts: Facts,
  config: KeyturnConfig,
  clientId: string,
): Promise<VaultAnswer[]> {
  const { name, consumers } = config;
  const own = await vaultNameIn(facts);
  const former = consumers
    .filter(isAutomatic)
    .flatMap(({ host }) => host.formerWriters)
    .map((writer) => writer.split(":"))
    .flatMap(([vault = "", credential]) => (credential === name ? [vault] : []));
  const named = [...new Set([own, ...former].filter((one) => one !== ""))];
  if (named.length === 0) {
    const why = "the config has no vaultName, and the state knows none";
    return [{ vault: "of this credential", why }];
  }
  return Promise.all(named.map((vault) => readVault(facts, config, clientId, vault)));
}

async function readVault(
  facts: Facts,
  { name, subscriptionId, vaultResourceGroup }: KeyturnConfig,
  clientId: string,
  vault: string,
): Promise<VaultAnswer> {
  const path = `/subscriptions/${subscriptionId}/resourceGroups/${vaultResourceGroup}/providers/${VAULTS}/${vault}`;
  const secret = `${name}-client-secret`;
  try {
    const azure = await facts.azure();
    if ((await azure.arm(path, VAULTS, anything)) === undefined) {
      return { vault, why: `there is none of this name in ${vaultResourceGroup}` };
    }
    const found = await azure.arm(`${path}/secrets/${secret}`, SECRETS, tagged);
    if (found === undefined) return { vault, why: `it has no secret ${secret}` };
    const { keyId, clientId: whose } = found.tags ?? {};
    if (keyId === undefined) return { vault, why: `the tags of ${secret} name no key id` };
    return sameId(whose, clientId)
      ? { vault, keyId }
      : { vault, why: `${secret} is of another application, say its tags` };
  } catch (error) {
    return { vault, why: reasonOf(error) };
  }
}
