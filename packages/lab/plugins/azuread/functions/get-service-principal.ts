// azuread.getServicePrincipal: by client id, object id or display name.
import type { Properties } from "../../provider/values";
import { attempt, Diagnostic } from "../diagnostics";
import { servicePrincipalName } from "../ids";
import { query, quoted, text } from "../json";
import type { Operation } from "../operation";
import { findByClientId, readBeta } from "../resources/service-principal";
import { fromGraph, samlSingleSignOn } from "../resources/service-principal-wire";
import { defineFunction } from "./define";

export const getServicePrincipal = defineFunction(
  "azuread:index/getServicePrincipal:getServicePrincipal",
  async (args, op) => {
    const found = await find(args, op);
    const objectId = text(found, "id");
    const saml = samlSingleSignOn(found);
    return {
      ...fromGraph(found, await readBeta(objectId, op)),
      id: `/servicePrincipals/${objectId}`,
      samlSingleSignOns: saml === null ? [] : [saml],
    };
  },
);

async function find(args: Properties, op: Operation): Promise<Properties> {
  const objectId = text(args, "objectId");
  if (objectId !== "") {
    const name = servicePrincipalName(objectId);
    const found = await op.find(`/v1.0/servicePrincipals/${objectId}`, `Retrieving ${name}`);
    if (found !== undefined) return found;
    throw new Diagnostic(`${name} was not found`, { path: "object_id" });
  }
  const found =
    text(args, "displayName") === ""
      ? await findByClientId(text(args, "clientId"), op)
      : await findByName(text(args, "displayName"), op);
  if (found !== undefined) return found;
  throw new Diagnostic("No service principal found", { cause: "no service principal found" });
}

async function findByName(name: string, op: Operation): Promise<Properties | undefined> {
  const filter = query({ $filter: `displayName eq ${quoted(name)}` });
  const [found] = await attempt("Listing service principals", () =>
    op.graph.list(`/v1.0/servicePrincipals${filter}`, op.once),
  );
  return found;
}
