// azuread.getApplication: by client id, object id, display name or identifier URI. Single blocks are
// lists of one here, under names of their own.
import type { Properties } from "../../provider/values";
import { attempt, Diagnostic } from "../diagnostics";
import { applicationName } from "../ids";
import { child, flag, query, quoted, text } from "../json";
import type { Operation } from "../operation";
import { readOwners } from "../owners";
import { fromGraph } from "../resources/application-wire";
import { defineFunction } from "./define";

export const getApplication = defineFunction(
  "azuread:index/getApplication:getApplication",
  async (args, op) => {
    const found = await find(args, op);
    const objectId = text(found, "id");
    const name = applicationName(objectId);
    const beta = await attempt(`Retrieving ${name} (beta API)`, () =>
      op.graph.get(
        `/beta/applications/${objectId}${query({ $select: "oauth2RequirePostResponse" })}`,
        op.once,
      ),
    );
    const whole = fromGraph(found);
    const { api, publicClient, singlePageApplication, ...plain } = whole;
    const { implicitGrant, ...web } = child(whole, "web");
    delete plain["description"];
    delete plain["web"];
    return {
      ...plain,
      apis: [api ?? null],
      id: `/applications/${objectId}`,
      oauth2PostResponseRequired: flag(beta, "oauth2RequirePostResponse"),
      optionalClaims: [child(whole, "optionalClaims")],
      owners: await readOwners(`/v1.0/applications/${objectId}`, name, op),
      publicClients: [publicClient ?? null],
      singlePageApplications: [singlePageApplication ?? null],
      webs: [{ ...web, implicitGrants: [implicitGrant ?? null] }],
    };
  },
);

async function find(args: Properties, op: Operation): Promise<Properties> {
  const objectId = text(args, "objectId");
  if (objectId !== "") {
    const name = applicationName(objectId);
    const found = await op.find(`/v1.0/applications/${objectId}`, `Retrieving ${name}`);
    if (found !== undefined) return found;
    throw new Diagnostic(`${name} was not found`, { path: "object_id" });
  }
  const [terraformName, filter] = filterOf(args);
  const found = await attempt("Listing applications", () =>
    op.graph.list(`/v1.0/applications${query({ $filter: filter })}`, op.once),
  );
  const [application, ...others] = found;
  if (application === undefined) {
    throw new Diagnostic(`No applications found matching filter: "${filter}"`, {
      path: terraformName,
    });
  }
  if (others.length === 0) return application;
  throw new Diagnostic(`Found multiple applications matching filter: "${filter}"`, {
    path: terraformName,
  });
}

function filterOf(args: Properties): readonly [string, string] {
  const clientId = text(args, "clientId");
  const displayName = text(args, "displayName");
  if (clientId !== "") return ["client_id", `appId eq ${quoted(clientId)}`];
  if (displayName !== "") return ["display_name", `displayName eq ${quoted(displayName)}`];
  return [
    "identifier_uri",
    `identifierUris/any(uri:uri eq ${quoted(text(args, "identifierUri"))})`,
  ];
}
