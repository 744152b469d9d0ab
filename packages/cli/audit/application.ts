// Reads an existing application from Graph: what it declares, what it was granted, and its client secrets.
// Graph gives no secret value; only names, ids, dates and roles are asked for.
import { z } from "zod";
import { type GraphReader, GraphUnread, unlessAbsent } from "../../../src/http/graph";
import { UsageError } from "../usage-error";

const credential = z.object({
  keyId: z.string(),
  displayName: z.string().nullish(),
  startDateTime: z.string().nullish(),
  endDateTime: z.string().nullish(),
});
const application = z.object({
  id: z.string(),
  displayName: z.string(),
  signInAudience: z.string().nullish(),
  requiredResourceAccess: z
    .array(
      z.object({
        resourceAppId: z.string(),
        resourceAccess: z.array(z.object({ id: z.string(), type: z.string() })),
      }),
    )
    .default([]),
  passwordCredentials: z.array(credential).default([]),
});
const principal = z.object({
  id: z.string(),
  passwordCredentials: z.array(credential).default([]),
});
const assignment = z.object({ appRoleId: z.string(), resourceId: z.string() });

/** Fields asked for, by entity. */
const FIELDS = {
  application: "id,displayName,signInAudience,requiredResourceAccess,passwordCredentials",
  principal: "id,passwordCredentials",
};
const PAGES = 20;
/** An assignment without a role: to be let in at all. */
const DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000";

/** A client secret of the application, or one of its service principal. */
export interface FoundCredential {
  readonly keyId: string;
  readonly displayName: string;
  readonly startDate: string;
  readonly endDate: string;
  readonly of: "application" | "service principal";
}

export interface FoundApplication {
  readonly clientId: string;
  readonly objectId: string;
  readonly displayName: string;
  /** Empty when Graph says none. */
  readonly signInAudience: string;
  readonly declares: z.output<typeof application>["requiredResourceAccess"];
  readonly credentials: readonly FoundCredential[];
  /** Absent when the tenant has none: then nothing is granted. */
  readonly principal?: {
    readonly objectId: string;
    readonly assignments: readonly z.output<typeof assignment>[];
  };
}

/** @throws UsageError for what is no client id */
export function requireClientId(clientId: string): void {
  if (z.guid().safeParse(clientId).success) return;
  throw new UsageError(
    `--application must be the application's client id, a GUID, got ${JSON.stringify(clientId)}.`,
  );
}

/** @throws UsageError when there is no such application, Error when Graph does not say */
export async function readApplication(
  clientId: string,
  graph: Pick<GraphReader, "entity" | "items">,
): Promise<FoundApplication> {
  requireClientId(clientId);
  try {
    return await read(clientId, graph);
  } catch (error) {
    if (!(error instanceof GraphUnread)) throw error;
    const remedy =
      error.status === 403
        ? "Give whoever audits Application.Read.All, consented to, or a directory role that may read applications"
        : "Try again; nothing was changed";
    throw new Error(`The application ${clientId} could not be read: ${error.message}. ${remedy}.`, {
      cause: error,
    });
  }
}

async function read(
  clientId: string,
  graph: Pick<GraphReader, "entity" | "items">,
): Promise<FoundApplication> {
  const known = `(appId='${clientId}')?$select=`;
  const [found, itsPrincipal] = await Promise.all([
    unlessAbsent(graph.entity(`/v1.0/applications${known}${FIELDS.application}`, application)),
    unlessAbsent(graph.entity(`/v1.0/servicePrincipals${known}${FIELDS.principal}`, principal)),
  ]);
  if (found === undefined) {
    const elsewhere = itsPrincipal
      ? " It is registered in another tenant; audit it there."
      : " The client id is on the application's page in the portal, and is not the object id.";
    throw new UsageError(
      `There is no application with client id ${clientId} in this tenant.${elsewhere}`,
    );
  }
  const assignments =
    itsPrincipal &&
    (await graph.items(
      `/v1.0/servicePrincipals/${itsPrincipal.id}/appRoleAssignments`,
      assignment,
      PAGES,
    ));
  return {
    clientId,
    objectId: found.id,
    displayName: found.displayName,
    signInAudience: found.signInAudience ?? "",
    declares: found.requiredResourceAccess,
    credentials: [
      ...found.passwordCredentials.map((one) => credentialOf("application", one)),
      ...(itsPrincipal?.passwordCredentials ?? []).map((one) =>
        credentialOf("service principal", one),
      ),
    ],
    ...(itsPrincipal && {
      principal: {
        objectId: itsPrincipal.id,
        assignments: (assignments ?? []).filter(({ appRoleId }) => appRoleId !== DEFAULT_ACCESS),
      },
    }),
  };
}

function credentialOf(
  of: FoundCredential["of"],
  { keyId, displayName, startDateTime, endDateTime }: z.output<typeof credential>,
): FoundCredential {
  return {
    keyId,
    displayName: displayName ?? "",
    startDate: wholeSeconds(startDateTime ?? ""),
    endDate: wholeSeconds(endDateTime ?? ""),
    of,
  };
}

/** Graph writes dates with a fraction, of seven digits where the portal made them: nobody declared those. */
function wholeSeconds(instant: string): string {
  return instant.replace(/\.\d+(?=Z|[+-])/, "");
}
