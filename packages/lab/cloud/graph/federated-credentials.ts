// Federated identity credentials of an application: list, create, read, change, delete.
import {
  MOST_CREDENTIALS,
  addFederatedCredential,
  federatedCredentialOf,
} from "../federated-credentials";
import type { ApplicationRecord, FederatedCredentialRecord } from "../directory-records";
import { given } from "../../given";
import { parseBody, requireValues } from "./bodies";
import { GraphError, badRequest, notFound } from "./errors";
import { applicationOf, applicationOwners } from "./lookup";
import {
  type GraphAnswer,
  type GraphCall,
  type Operation,
  collection,
  entity,
  noContent,
} from "./operations";
import { FederatedIdentityCredential } from "./schemas";

const RESOURCE = "FederatedIdentityCredential";
const PATH = "/applications/:id/federatedIdentityCredentials";
const ONE = `${PATH}/:credential`;
const WRITE = ["Application.ReadWrite.All"];
const READ = ["Application.Read.All", ...WRITE];
const BY_OWNERS = {
  ownerPermissions: ["Application.ReadWrite.OwnedBy"],
  owners: applicationOwners,
};

export const FEDERATED_CREDENTIAL_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: PATH,
    doc: "application-list-federatedidentitycredentials",
    permissions: READ,
    ...BY_OWNERS,
    handle: (call) => {
      const shapes = applicationOf(call).federatedCredentials.map(shape);
      return collection(call, setOf(call), shapes, RESOURCE);
    },
  },
  {
    method: "POST",
    path: PATH,
    doc: "application-post-federatedidentitycredentials",
    permissions: WRITE,
    ...BY_OWNERS,
    handle: create,
  },
  {
    method: "GET",
    path: ONE,
    doc: "federatedidentitycredential-get",
    permissions: READ,
    ...BY_OWNERS,
    handle: (call) => entity(call, setOf(call), shape(oneOf(call))),
  },
  {
    method: "PATCH",
    path: ONE,
    doc: "federatedidentitycredential-update",
    permissions: WRITE,
    ...BY_OWNERS,
    handle: update,
  },
  {
    method: "DELETE",
    path: ONE,
    doc: "federatedidentitycredential-delete",
    permissions: WRITE,
    ...BY_OWNERS,
    handle: (call) => {
      const { federatedCredentials } = applicationOf(call);
      federatedCredentials.splice(federatedCredentials.indexOf(oneOf(call)), 1);
      return noContent;
    },
  },
];

function create(call: GraphCall): GraphAnswer {
  const application = applicationOf(call);
  const body = parseBody(FederatedIdentityCredential, call.body, RESOURCE);
  requireValues(body, ["name", "issuer", "subject", "audiences"], RESOURCE);
  const { name = "", issuer = "", subject = "", audiences = [], description = null } = body;
  if (federatedCredentialOf(application, name) !== undefined) {
    throw taken(`FederatedIdentityCredential with name ${name} already exists.`);
  }
  if (application.federatedCredentials.length >= MOST_CREDENTIALS) {
    throw badRequest(
      `The number of federated identity credentials of an application may not exceed ${MOST_CREDENTIALS}.`,
    );
  }
  refuseTwin(application, issuer, subject);
  const wanted = { name, issuer, subject, audiences, description };
  return entity(call, setOf(call), shape(addFederatedCredential(application, wanted)), 201);
}

function update(call: GraphCall): GraphAnswer {
  const application = applicationOf(call);
  const record = oneOf(call);
  const { name, ...rest } = parseBody(FederatedIdentityCredential, call.body, RESOURCE);
  if (name !== undefined && name !== record.name) {
    throw badRequest("Property 'name' is read-only and cannot be set.");
  }
  const { issuer = record.issuer, subject = record.subject } = rest;
  const others = application.federatedCredentials.filter((one) => one !== record);
  refuseTwin({ federatedCredentials: others }, issuer, subject);
  Object.assign(record, given(rest));
  return noContent;
}

function refuseTwin(
  { federatedCredentials }: Pick<ApplicationRecord, "federatedCredentials">,
  issuer: string,
  subject: string,
): void {
  const twin = federatedCredentials.some((one) => one.issuer === issuer && one.subject === subject);
  if (twin) throw taken("Issuer and subject combination already exists for this app.");
}

function oneOf(call: GraphCall): FederatedCredentialRecord {
  const key = call.params["credential"] ?? "";
  const found = federatedCredentialOf(applicationOf(call), key);
  if (found !== undefined) return found;
  throw notFound(key);
}

function taken(message: string): GraphError {
  return new GraphError(409, "Request_MultipleObjectsWithSameKeyValue", message);
}

function setOf(call: GraphCall): string {
  return `applications('${call.params["id"] ?? ""}')/federatedIdentityCredentials`;
}

function shape(record: FederatedCredentialRecord): Record<string, unknown> {
  const { credentialId, name, issuer, subject, description, audiences } = record;
  return { id: credentialId, name, issuer, subject, description, audiences };
}
