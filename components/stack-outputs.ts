// The outputs of a stack: what an operator reads, and `history`, from which the next run plans.
import { all } from "@pulumi/pulumi";
import { missingNote, reasonWith, stillMissing } from "../src/decide/inventory";
import { logStanding } from "../src/decide/log-state";
import { keptProofs } from "../src/decide/own-proofs";
import type { Plan } from "../src/decide/run-plan";
import type { KeyturnConfig } from "../src/keyturn-config";
import type { StackFacts, TenantFacts } from "../src/observe";
import type { DeclaredStack } from "./declare";

/** Records a run. No output but `links` holds a secret. */
export function stackOutputs(
  { name, tenantId }: Pick<KeyturnConfig, "name" | "tenantId">,
  plan: Plan,
  stack: Pick<StackFacts, "notes" | "proofs">,
  { application, inventory, log }: Pick<TenantFacts, "application" | "inventory" | "log">,
  { clientId, credential }: DeclaredStack,
): Record<string, unknown> {
  const { keyIds, outcomes, links, record } = credential;
  const missing = keyIds.apply((ids) => stillMissing(inventory.missing, ids));
  return {
    tenantId,
    clientId,
    permissionDifferences: application.differences,
    keyIds,
    consumers: outcomes,
    adoptionLevel: credential.adoptionLevel,
    signInLog: logStanding(log.contents),
    formerSecrets: log.formerSecrets,
    proofs: all([record, keyIds]).apply(([{ proof }, ids]) =>
      keptProofs(stack.proofs, proof, Object.values(ids)),
    ),
    links,
    history: record.apply(({ history }) => history),
    reason: all([record, missing]).apply(([{ reason }, gone]) => reasonWith(reason, gone)),
    nextRotation: plan.nextRotation,
    daysLeft: plan.daysLeft,
    foreignSecrets: inventory.foreign,
    orphans: inventory.orphans,
    notes: all([missing, record]).apply(([gone, { notes }]) => [
      ...stack.notes,
      ...inventory.notes,
      ...log.notes,
      ...notes,
      ...gone.map((one) => missingNote(name, one)),
    ]),
  };
}
