// What keyturn adopt has found, for a person: a table of secrets and holders, what is not known, and what it comes to.
import { harmless } from "../../../src/foreign-text";
import { table } from "../table";
import type { Row, RowStanding, Takeover } from "./takeover";

const WORDS: Readonly<Record<RowStanding, string>> = {
  ownState: "in the state",
  takenOver: "taken over already",
  held: "to be taken over",
  unknown: "to be taken over",
  unheld: "left out",
  foreign: "somebody else's",
  notListed: "not in Entra",
};
const DAY = "2026-05-01".length;

/** @param stack the stack's name @param clientId of the application that was looked at */
export function renderTakeover(
  { rows, notKnown, said }: Takeover,
  stack: string,
  clientId: string,
): string {
  const head = ["secret", "key id", "ends", "standing", "held by"];
  const lines = [
    `Stack ${stack}: who holds which secret of the application ${clientId}. Nothing was changed to find out.`,
    ...(rows.length === 0 ? [] : table(head, rows.flatMap(cellsOf))),
    ...(notKnown.length === 0 ? [] : ["", "Not known:", ...notKnown.map((line) => `  ${line}`)]),
    ...(said.length === 0 ? [] : ["", ...said]),
  ];
  return lines.map((line) => harmless(line)).join("\n");
}

/** One line a holder. */
function cellsOf({
  displayName,
  keyId,
  endDate,
  standing,
  holders,
  vaults,
  because,
}: Row): string[][] {
  const kept = vaults.map((vault) => `the vault ${vault} keeps its value`);
  const held = [...holders.map((one) => one.said), ...kept];
  const without = because === "" ? [] : [`not known: ${because}`];
  const [first = "", ...others] =
    holders.length > 0
      ? held
      : standing === "unheld"
        ? [`nobody: ${because}`]
        : [...without, ...kept];
  const name = displayName === "" ? "(without a name)" : displayName;
  return [
    [name, keyId, endDate.slice(0, DAY), WORDS[standing], first],
    ...others.map((one) => ["", "", "", "", one]),
  ];
}
