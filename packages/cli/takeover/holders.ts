// Who holds a secret, by which source: a host's journal, people's word, and the sign-in log. Pure.
import { isOneOf, plainAddress } from "../../../src/addresses";
import { PROOF_MINUTES } from "../../../src/decide/adoption-evidence";
import type { ListedSecret } from "../../../src/decide/listed-secret";
import { sameId, usesOf, whenAndWhere } from "../../../src/decide/sign-ins";
import type { AskedConsumer, Sources } from "./sources";

/** One that holds a secret, and by what that is known. */
export interface Holder {
  /** Undefined: somebody whom the config does not know by address. */
  readonly consumer: string | undefined;
  readonly source: "host" | "people" | "log";
  /** In words: "sesar, by its host's journal". */
  readonly said: string;
}

/** @param secret as Entra lists it; of one that it does not list nothing but the key id is known */
export function holdersOf(
  keyId: string,
  secret: Pick<ListedSecret, "startDate"> | undefined,
  { consumers, hosts, people, log }: Sources,
): Holder[] {
  return [
    ...hosts
      .filter((one) => sameId(one.keyId, keyId))
      .map(({ consumer, why }) => holder(consumer, "host", `by its host's journal${doubt(why)}`)),
    ...people
      .filter((one) => sameId(one.keyId, keyId))
      .map(({ consumer, on }) => holder(consumer, "people", `confirmed on ${on}`)),
    ...latestByAddress(log.entries ?? [], keyId, secret).map((use): Holder => {
      const consumer = consumerAt(use.ipAddress, consumers);
      const said = `${consumer ?? "somebody"}, signed in ${whenAndWhere(use)}`;
      return { consumer, source: "log", said };
    }),
  ];
}

function holder(consumer: string, source: Holder["source"], said: string): Holder {
  return { consumer, source, said: `${consumer}, ${said}` };
}

function doubt(why: string | undefined): string {
  return why === undefined ? "" : " (in doubt)";
}

type Uses = Parameters<typeof usesOf>[0];

/** The latest use from each address; within an hour of its issue it may be Keyturn's own proof. */
function latestByAddress(
  entries: Uses,
  keyId: string,
  secret: Pick<ListedSecret, "startDate"> | undefined,
): Uses[number][] {
  const issued = secret === undefined ? Number.NaN : Date.parse(secret.startDate);
  const after = Number.isNaN(issued) ? Number.NEGATIVE_INFINITY : issued + PROOF_MINUTES * MINUTE;
  const uses = usesOf(entries, keyId).filter(({ at }) => Date.parse(at) >= after);
  return [...new Map(uses.map((use) => [plainAddress(use.ipAddress), use])).values()];
}

/** The one consumer that has this address as its own; where two share it nobody can tell. */
function consumerAt(address: string, consumers: readonly AskedConsumer[]): string | undefined {
  const there = consumers.filter(({ addresses }) => isOneOf(addresses)(address));
  return there.length === 1 ? there[0]?.name : undefined;
}

const MINUTE = 60_000;
