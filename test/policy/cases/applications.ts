// Cases of the rules about applications and what they are granted.
import { type Given, UNKNOWN } from "../../helpers/policy-run";
import { application, casesOf } from "./case";

const A = "aaaaaaaa-0000-4000-8000-000000000001";
const B = "bbbbbbbb-0000-4000-8000-000000000002";
const GRAPH = "00000003-0000-0000-c000-000000000000";
const declaring = (...roles: readonly unknown[]): Given =>
  application({
    requiredResourceAccesses: [
      { resourceAppId: GRAPH, resourceAccesses: roles.map((id) => ({ id, type: "Role" })) },
    ],
  });
const principal = (rest: Partial<Given> = {}): Given => ({
  type: "azuread:index/servicePrincipal:ServicePrincipal",
  name: "principal",
  inputs: { clientId: UNKNOWN },
  outputs: { objectId: UNKNOWN },
  from: { clientId: ["application"] },
  ...rest,
});
const granting = (role: unknown, rest: Partial<Given> = {}): Given => ({
  type: "azuread:index/appRoleAssignment:AppRoleAssignment",
  name: `grant-${String(role)}`,
  inputs: { appRoleId: role, principalObjectId: UNKNOWN, resourceObjectId: "graph" },
  from: { principalObjectId: ["principal"] },
  ...rest,
});

export const applicationCases = [
  ...casesOf(
    "applicationSingleTenant",
    [
      "passing",
      "is silent about the own tenant",
      [application({ signInAudience: "AzureADMyOrg" })],
    ],
    ["passing", "takes the provider's default for the own tenant", [application()]],
    [
      "failing",
      "finds every other audience",
      [application({ signInAudience: "AzureADMultipleOrgs" })],
      [/must be AzureADMyOrg, but is not/],
    ],
    [
      "unknown",
      "notes an audience that is not known yet",
      [application({ signInAudience: UNKNOWN })],
      [/signInAudience is not known/],
    ],
  ),
  ...casesOf(
    "graphRolesExactly",
    [
      "passing",
      "is silent when what is granted is declared",
      [declaring(A, B), principal(), granting(A), granting(B)],
    ],
    [
      "passing",
      "is silent about what is granted to others",
      [declaring(A), principal(), granting(B, { from: {} })],
    ],
    [
      "failing",
      "finds a grant that is not declared",
      [declaring(A), principal(), granting(A), granting(B)],
      [/^grant-bbbbbbbb\S+: the role bbbbbbbb\S+ must be declared by application/],
    ],
    [
      "failing",
      "knows the application by its client id, and the principal by its object id",
      [
        declaring(A),
        principal({ inputs: { clientId: "client" }, outputs: { objectId: "sp" }, from: {} }),
        granting(B, { inputs: { appRoleId: B, principalObjectId: "sp" }, from: {} }),
      ],
      [/the role bbbbbbbb\S+ must be declared/],
    ],
    [
      "failing",
      "finds a role that the configuration does not allow",
      [declaring(A, B), principal()],
      [/the role bbbbbbbb\S+ must not be declared/],
      { config: { graphRolesExactly: { allowed: [A] } } },
    ],
    [
      "unknown",
      "notes a grant that is not known yet",
      [declaring(A), principal(), granting(UNKNOWN)],
      [/appRoleId is not known/],
    ],
  ),
  ...casesOf(
    "graphRolesConsented",
    ["passing", "is silent when each is granted", [declaring(A), principal(), granting(A)]],
    ["passing", "is silent without a service principal to see", [declaring(A)]],
    [
      "failing",
      "finds a role that nobody grants",
      [declaring(A, B), principal(), granting(A)],
      [/^application: the declared role bbbbbbbb\S+ must be assigned/],
    ],
    [
      "unknown",
      "notes a declared role that is not known yet",
      [declaring(UNKNOWN), principal()],
      [/resourceAccesses\.0\.id is not known/],
    ],
  ),
];
