// From what the sources say to what is taken over: which secret of the credential is held by whom, what is not known, and
// which secrets the next run needs to be told of. Never says that nobody holds one unless every source shows it. Pure.
import { harmless } from "../../../src/foreign-text";
import { type StackKnowledge, strangersAmong } from "../../../src/decide/inventory";
import type { ListedSecret } from "../../../src/decide/listed-secret";
import { logStanding } from "../../../src/decide/log-state";
import { sameId } from "../../../src/decide/sign-ins";
import { NO_WITNESS, standingOf } from "../../../src/decide/standing";
import type { AdoptionRequest } from "../decisions/adoption";
import { type Holder, holdersOf } from "./holders";
import type { Sources } from "./sources";

/**
 * `ownState`: the stack's state has it. `takenOver`: the config has it. `held`, `unheld`, `unknown`: it bears the credential's
 * name, and the stack does not know it. `foreign`: somebody else's. `notListed`: somebody holds it, and Entra does not list it.
 */
export type RowStanding =
  "ownState" | "takenOver" | "held" | "unheld" | "unknown" | "foreign" | "notListed";

/** One secret, and who holds it. */
export interface Row {
  readonly displayName: string;
  readonly keyId: string;
  /** Empty for one that Entra does not list. */
  readonly endDate: string;
  readonly standing: RowStanding;
  readonly holders: readonly Holder[];
  /** Names of the vaults that keep its value. */
  readonly vaults: readonly string[];
  /** By what a standing that no holder shows is known, or what is missing to know it. */
  readonly because: string;
}

/** What was found out. */
export interface Takeover {
  readonly rows: readonly Row[];
  /** What was not known, one sentence a source. */
  readonly notKnown: readonly string[];
  /** What it comes to, in words. */
  readonly said: readonly string[];
  /** The secrets that the config is to name. */
  readonly takes: readonly AdoptionRequest[];
}

/** What the stack, its config and Entra say. */
export interface TakeoverFacts extends StackKnowledge {
  readonly name: string;
  readonly listed: readonly ListedSecret[];
  /** Key ids that the config has taken over already. */
  readonly adopted: readonly string[];
  readonly sources: Sources;
  readonly now: Date;
}

export function decideTakeover(facts: TakeoverFacts): Takeover {
  const { name, listed, sources } = facts;
  const rows = [...listed.map((one) => rowOf(one, facts)), ...notListed(listed, sources)].filter(
    ({ standing, holders, vaults }) =>
      standing !== "foreign" || holders.length > 0 || vaults.length > 0,
  );
  const takes = rows
    .filter(({ standing }) => standing === "held" || standing === "unknown")
    .map(({ keyId, displayName, endDate }) => ({
      keyId,
      label: displayName.slice(name.length + 1),
      ends: endDate,
    }));
  return { rows, takes, notKnown: notKnown(sources), said: conclusions(facts, rows) };
}

function rowOf(secret: ListedSecret, facts: TakeoverFacts): Row {
  const { sources, adopted } = facts;
  const { keyId, displayName, endDate } = secret;
  const holders = holdersOf(keyId, secret, sources);
  const vaults = vaultsWith(keyId, sources);
  const row = {
    displayName: harmless(displayName ?? "", MOST_NAME_CHARACTERS),
    keyId,
    endDate: endDate.replace(/\.\d+(?=Z$)/, ""),
    holders,
    vaults,
    because: "",
  };
  const { ours, foreign } = strangersAmong(facts.name, [secret], facts);
  if (foreign.length > 0) return { ...row, standing: "foreign" };
  if (ours.length === 0) return { ...row, standing: "ownState" };
  if (adopted.some((one) => sameId(one, keyId))) return { ...row, standing: "takenOver" };
  if (holders.length > 0) return { ...row, standing: "held" };
  return { ...row, ...standingWithoutHolder(secret, facts, vaults) };
}

/** Where no source shows a holder: that there is none must be shown too. */
function standingWithoutHolder(
  secret: ListedSecret,
  { listed, sources, now }: TakeoverFacts,
  vaults: readonly string[],
): Pick<Row, "standing" | "because"> {
  const consumers = sources.consumers.map(({ name }) => ({
    name,
    keyId: surelyHeld(name, sources),
  }));
  const log = sources.log;
  const { standing, because } = standingOf(secret, listed, { ...NO_WITNESS, consumers, log, now });
  const kept = vaults.map((one) => `its value is in the vault ${one}, where people take it from`);
  if (standing !== "held" && kept.length === 0) return { standing, because };
  // The log's only uses are from the hour in which Keyturn proves a secret.
  const early = standing === "held" ? [`${because}, which may be Keyturn's own proof`] : [];
  return { standing: "unknown", because: [...early, ...kept].join("; ") };
}

/** What a consumer says that it holds, by one word and without a doubt. */
function surelyHeld(name: string, { hosts, people }: Sources): string | undefined {
  const answers = hosts.filter(({ consumer }) => consumer === name);
  const words = people.filter(({ consumer }) => consumer === name);
  const [only, ...others] = [...answers, ...words];
  const isSure = others.length === 0 && answers.every(({ why }) => why === undefined);
  return isSure ? only?.keyId : undefined;
}

function vaultsWith(keyId: string, { vaults }: Sources): string[] {
  return vaults.filter((one) => sameId(one.keyId, keyId)).map(({ vault }) => vault);
}

/** What somebody holds although Entra does not list it. */
function notListed(listed: readonly ListedSecret[], sources: Sources): Row[] {
  const named = [...sources.hosts, ...sources.people].flatMap(({ keyId }) => keyId ?? []);
  const unlisted = named.filter((keyId) => !listed.some((one) => sameId(one.keyId, keyId)));
  const distinct = new Map(unlisted.map((keyId) => [keyId.toLowerCase(), harmless(keyId)]));
  return [...distinct.values()].map((keyId) => ({
    displayName: "",
    keyId,
    endDate: "",
    standing: "notListed",
    holders: holdersOf(keyId, undefined, sources),
    vaults: vaultsWith(keyId, sources),
    because: "",
  }));
}

function notKnown({ consumers, hosts, people, log, vaults }: Sources): string[] {
  const asked = new Set([...hosts, ...people].map(({ consumer }) => consumer));
  const { state, why = "" } = logStanding(log);
  return [
    ...hosts.flatMap(({ consumer, why: reason }) =>
      reason === undefined
        ? []
        : [sentence(`What ${consumer} holds is not known for sure: ${reason}`)],
    ),
    ...consumers
      .filter(({ name }) => !asked.has(name))
      .map(
        ({ name }) =>
          `What ${name} holds is not known: people serve it, and the config has no confirmation of it.`,
      ),
    ...(state === "read" ? [] : [sentence(`What the sign-in log shows is not known: ${why}`)]),
    ...vaults.flatMap(({ vault, why: reason }) =>
      reason === undefined
        ? []
        : [sentence(`What the vault ${vault} keeps is not known: ${reason}`)],
    ),
  ];
}

function conclusions(facts: TakeoverFacts, rows: readonly Row[]): string[] {
  const { name } = facts;
  const heldBy = rows.flatMap(({ keyId, displayName, holders }) =>
    holders.flatMap(({ consumer, said }) =>
      consumer === undefined ? [] : [{ consumer, keyId, said: `${displayName || keyId}: ${said}` }],
    ),
  );
  const strangers = rows.filter(({ standing }) => ["held", "unheld", "unknown"].includes(standing));
  return [
    ...(rows.length === 0
      ? [`The application has no secret of the name ${name}, and no source names one.`]
      : []),
    ...(rows.length > 0 && strangers.length === 0
      ? ["There is nothing to take over: the stack knows every secret of its name."]
      : []),
    ...(new Set(heldBy.map(({ keyId }) => keyId.toLowerCase())).size > 1
      ? [
          `Not every consumer holds the same secret (${heldBy.map(({ said }) => said).join("; ")}). The next rotation brings all of them one; until then none of these may be removed.`,
        ]
      : []),
    ...rows.flatMap((row) => conclusionOf(row)),
  ];
}

function conclusionOf({ standing, displayName, keyId, holders }: Row): string[] {
  const who = holders.map(({ said }) => said).join("; ");
  switch (standing) {
    case "notListed":
      return [
        `${who} holds ${keyId}, which Entra does not list: it was removed, and signs in no more. There is nothing to take over; \`keyturn rotate-now\` and a run bring another.`,
      ];
    case "foreign":
      return holders.length === 0
        ? []
        : [
            `${displayName || "A secret without a name"} (key id ${keyId}) is somebody else's, and in use (${who}). It needs no taking over: Keyturn lists it and never removes it.`,
          ];
    case "unheld":
      return [
        `${displayName} (key id ${keyId}) is not taken over: nobody holds it, say the sign-in log and every consumer. The next run says how to remove it.`,
      ];
    case "ownState":
    case "takenOver":
    case "held":
    case "unknown":
      return [];
  }
}

function sentence(text: string): string {
  return `${text.replace(/\.$/, "")}.`;
}

const MOST_NAME_CHARACTERS = 256;
