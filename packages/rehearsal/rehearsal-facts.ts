// Reads what a rehearsal reports from the lab and from the stack's recorded outputs, never from a program's
// intentions.
import { z } from "zod";
import { tally } from "./lab-policy";
import type { AcceptedSecret, RehearsalFacts, RotationFacts } from "./rehearsal-report";
import type { Rehearsal } from "./rehearsal";

const epoch = z.object({ label: z.string(), keyId: z.string() });
const history = z.object({
  active: epoch,
  retiring: z.array(epoch.extend({ successorAdoptedOn: z.string() })),
});

/** What the service had done when a rotation began. */
export interface ServiceMark {
  readonly stops: number;
  readonly failedSyncs: number;
  readonly documentsLost: number;
}

export async function markService(rehearsal: Rehearsal): Promise<ServiceMark> {
  const { stops, failedSyncs, documentsLost } = await rehearsal.service();
  return { stops: stops.length, failedSyncs, documentsLost };
}

/** What one deployment or rotation did, from the service manager's records since `before`. */
export async function rotationFacts(
  rehearsal: Rehearsal,
  before: ServiceMark,
): Promise<RotationFacts> {
  const { active } = await readHistory(rehearsal);
  const service = await rehearsal.service();
  const stops = service.stops.slice(before.stops);
  const [first] = stops;
  return {
    epoch: active.label,
    keyId: active.keyId,
    restarts: stops.length,
    failedSyncs: service.failedSyncs - before.failedSyncs,
    documentsLost: service.documentsLost - before.documentsLost,
    ...(first === undefined ? {} : { stoppedAt: first.stoppedAt }),
    ...(first === undefined || first.downtimeMs === null ? {} : { downtimeMs: first.downtimeMs }),
  };
}

/** The whole of the report's facts, at the end. */
export async function rehearsalFacts(
  rehearsal: Rehearsal,
  rotations: readonly RotationFacts[],
): Promise<RehearsalFacts> {
  const { clock, credentials } = await rehearsal.status();
  const recorded = await readHistory(rehearsal);
  const clientId = z.string().parse(await rehearsal.output("clientId"));
  const application = credentials.find((candidate) => candidate.clientId === clientId);
  const signIn = (await rehearsal.control.signIns(clientId)).filter((one) => one.ok).at(-1);
  return {
    labNow: clock.now,
    rotations,
    accepted: (application?.passwords ?? [])
      .filter((password) => password.acceptedNow)
      .map((password): AcceptedSecret => ({
        displayName: password.displayName ?? "(no name)",
        keyId: password.keyId,
        until: password.endDateTime,
        standing: standing(password.keyId, recorded),
      })),
    ...(signIn?.keyId === undefined ? {} : { lastSignIn: { keyId: signIn.keyId, at: signIn.at } }),
    nextRotation: z.string().parse(await rehearsal.output("nextRotation")),
    noopReason: z.string().parse(await rehearsal.output("reason")),
    policy: tally(rehearsal.stack.policyMessages),
  };
}

async function readHistory(rehearsal: Rehearsal): Promise<z.infer<typeof history>> {
  return history.parse(await rehearsal.output("history"));
}

function standing(keyId: string, recorded: z.infer<typeof history>): string {
  if (recorded.active.keyId === keyId) return "active";
  const retiring = recorded.retiring.find((one) => one.keyId === keyId);
  if (retiring === undefined) return "not in the stack's history";
  return `retiring, successor adopted ${retiring.successorAdoptedOn}`;
}
