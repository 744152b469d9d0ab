// Whether a confirmation may be written: only for a consumer that people serve, that waits, and for the secret that is
// in flight. Everything else is refused with what to do.
import { z } from "zod";
import { type ConsumerOutcome, type StackOutputs, isManual } from "../project/outputs";
import { UsageError } from "../usage-error";

/** What the operator says. */
export interface ConfirmationRequest {
  readonly consumer: string;
  /** The key id that the operator has put in, if given: it must be the one in flight. */
  readonly keyId?: string | undefined;
}

/** What is to be written, or why nothing is. */
export type ConfirmationDecision =
  | { readonly write: true; readonly epoch: string; readonly keyId: string; readonly since: string }
  | { readonly write: false; readonly said: string };

const confirmations = z.record(z.string(), z.looseObject({ keyId: z.string(), on: z.string() }));

/** @param config the stack's config by bare key */
export function decideConfirmation(
  { consumer, keyId }: ConfirmationRequest,
  { consumers, history }: StackOutputs,
  config: Readonly<Record<string, unknown>>,
): ConfirmationDecision {
  const found = oneOf(consumers ?? [], consumer);
  const inFlight = history?.inFlight;
  const target = inFlight ?? history?.active;
  if (target === undefined) throw new UsageError(NEVER_RUN);
  if (keyId !== undefined && keyId.toLowerCase() !== target.keyId.toLowerCase()) {
    throw new UsageError(
      `--key-id must be that of the secret ${inFlight ? "in flight" : "in use"}, ${target.label}: ${target.keyId}, got ${keyId}. ` +
        `Compare it with the key id (not the value) that Entra shows beside ${target.label}, and put the right secret into ${consumer} first.`,
    );
  }
  const given = confirmations.safeParse(config["confirmations"] ?? {}).data?.[consumer];
  if (given?.keyId.toLowerCase() === target.keyId.toLowerCase()) {
    const next = inFlight ? " The next run adopts." : "";
    return {
      write: false,
      said: `${consumer} is already confirmed on ${target.label} (key id ${target.keyId}, ${given.on}).${next}`,
    };
  }
  if (inFlight === undefined) {
    throw new UsageError(
      `${consumer} waits for nothing: every consumer holds ${target.label} (key id ${target.keyId}), and no other secret is in flight. There is nothing to confirm.`,
    );
  }
  if (found.adopted && found.keyId.toLowerCase() === inFlight.keyId.toLowerCase()) {
    const said = `${consumer} holds ${inFlight.label} already (${found.outcome}${reasonOf(found)}). Nothing to confirm.`;
    return { write: false, said };
  }
  return { write: true, epoch: inFlight.label, keyId: inFlight.keyId, since: inFlight.since };
}

/** The consumer that is meant. @throws UsageError when people do not serve it, or there is none */
export function oneOf(consumers: readonly ConsumerOutcome[], name: string): ConsumerOutcome {
  const found = consumers.find((one) => one.name === name);
  const manual = consumers.filter(isManual).map((one) => one.name);
  const others =
    manual.length === 0 ? "This stack has none." : `This stack has ${manual.join(", ")}.`;
  if (found === undefined) {
    throw new UsageError(
      `${name} must be a consumer of the stack's last run that people serve. ${others} A consumer that was added since must be run once: pulumi up.`,
    );
  }
  if (isManual(found)) return found;
  throw new UsageError(
    `${name} must be a consumer that people serve, but is an automatic one: the host's own proof adopts it, in the next run. ${others}`,
  );
}

function reasonOf({ reason }: ConsumerOutcome): string {
  return reason === undefined ? "" : `: ${reason.replace(/\.$/, "")}`;
}

const NEVER_RUN =
  "This stack has issued no secret yet, so that there is none to confirm. Run pulumi up first.";
