// An application as Graph shows it, under the rules.
import assert from "node:assert/strict";
import type { z } from "zod";
import { readApplication } from "../../audit/application";
import { managedTwins, subjectsOf } from "../../audit/application-subjects";
import { UsageError } from "../../usage-error";
import { type Existing, evaluate } from "../../../../policy/evaluate";
import { GraphUnread } from "../../../../src/http/graph";

const CLIENT = "11111111-1111-4111-8111-111111111111";
const KEY = "22222222-2222-4222-8222-222222222222";
const ROLE = "df021288-bdef-4463-88db-98f22de89214";
const OTHER_ROLE = "5b567255-7703-4780-807c-7be8301ae99b";
const NO_ROLE = "00000000-0000-0000-0000-000000000000";
const password = (displayName: string, from: string, to: string) => ({
  keyId: KEY,
  displayName,
  startDateTime: from,
  endDateTime: to,
  secretText: null,
  hint: "abc",
});
const byHand = password("by hand", "2026-01-01T10:00:00.1234567Z", "2028-01-01T10:00:00.1234567Z");
const answer = {
  id: "object",
  displayName: "Archive",
  signInAudience: "AzureADMultipleOrgs" as string | null,
  requiredResourceAccess: [
    { resourceAppId: "graph", resourceAccess: [{ id: ROLE, type: "Role" }] },
  ],
  passwordCredentials: [byHand],
};
const principal = { id: "principal", passwordCredentials: [] as object[] };
const assignment = (appRoleId: string) => ({ id: "a", appRoleId, resourceId: "graph" });

/** Graph as it answers about one application; undefined is not there. */
const graph = (application?: object, itsPrincipal?: object, roles: readonly string[] = []) => {
  const asked: string[] = [];
  return {
    asked,
    entity: <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
      asked.push(path);
      const found = path.includes("/servicePrincipals") ? itsPrincipal : application;
      if (found !== undefined) return Promise.resolve(schema.parse(found));
      return Promise.reject(new GraphUnread("Graph answers 404", "Request_ResourceNotFound", 404));
    },
    items: <T>(path: string, schema: z.ZodType<T>): Promise<T[]> => {
      asked.push(path);
      return Promise.resolve(roles.map((role) => schema.parse(assignment(role))));
    },
  };
};
const today = { packSettings: { lab: true, today: "2026-11-21" } };
const audited = async (from: ReturnType<typeof graph>) => {
  const subjects = subjectsOf(await readApplication(CLIENT, from));
  return evaluate(subjects, today).map(({ rule, message }) => [rule, message.split(":")[0]]);
};

describe("the audit of an application", () => {
  it("finds what is wrong with the application and with each of its secrets", async () => {
    assert.deepEqual(await audited(graph(answer)), [
      ["passwordLifetimeAtMost", `by hand ${KEY}`],
      ["applicationSingleTenant", "Archive"],
    ]);
  });

  it("finds an application whose secrets have all ended", async () => {
    const past = password("past", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z");
    const ended = { ...answer, signInAudience: null, passwordCredentials: [past] };
    assert.deepEqual(await audited(graph(ended)), [["passwordDaysLeftAtLeast", `past ${KEY}`]]);
  });

  it("finds a role that is declared and not granted, and one that is granted and not declared", async () => {
    const plain = { ...answer, signInAudience: "AzureADMyOrg", passwordCredentials: [] };
    assert.deepEqual(await audited(graph(plain, principal, [OTHER_ROLE])), [
      ["graphRolesExactly", `Archive role ${OTHER_ROLE}`],
      ["graphRolesConsented", "Archive"],
    ]);
    assert.deepEqual(await audited(graph(plain, principal, [ROLE, NO_ROLE])), []);
  });

  it("finds the secrets of the service principal too, which no page of the portal shows", async () => {
    const plain = { ...answer, signInAudience: "AzureADMyOrg", passwordCredentials: [] };
    const withSecret = { ...principal, passwordCredentials: [byHand] };
    assert.deepEqual(await audited(graph(plain, withSecret, [ROLE])), [
      ["passwordLifetimeAtMost", `by hand ${KEY}`],
    ]);
  });

  it("asks Graph for that client id, and for no more than it needs", async () => {
    const asking = graph(answer, principal);
    await readApplication(CLIENT, asking);
    assert.deepEqual(asking.asked, [
      `/v1.0/applications(appId='${CLIENT}')?$select=id,displayName,signInAudience,requiredResourceAccess,passwordCredentials`,
      `/v1.0/servicePrincipals(appId='${CLIENT}')?$select=id,passwordCredentials`,
      "/v1.0/servicePrincipals/principal/appRoleAssignments",
    ]);
  });

  it("refuses what is no client id, and one that is not there", async () => {
    await assert.rejects(readApplication("x' or 1 eq 1", graph(answer)), UsageError);
    await assert.rejects(readApplication(CLIENT, graph()), /There is no application/);
    await assert.rejects(
      readApplication(CLIENT, graph(undefined, principal)),
      /registered in another tenant/,
    );
  });

  it("says which right is missing when Graph refuses", async () => {
    const refusing = graph(answer);
    const entity = () => Promise.reject(new GraphUnread("Graph answers 403", "", 403));
    await assert.rejects(
      readApplication(CLIENT, { ...refusing, entity }),
      /Graph answers 403\. Give whoever audits Application\.Read\.All/,
    );
  });

  it("leaves to the stack what the stack manages, and nothing else", async () => {
    const subjects = subjectsOf(
      await readApplication(CLIENT, graph(answer, principal, [ROLE, OTHER_ROLE])),
    );
    const inState = (type: string, outputs: Existing["outputs"]): Existing => ({
      type,
      name: type,
      urn: type,
      props: {},
      outputs,
      opts: { protect: false },
      propertyDependencies: {},
    });
    const all = [
      inState("azuread:index/application:Application", { clientId: CLIENT }),
      inState("azuread:index/servicePrincipal:ServicePrincipal", { clientId: CLIENT }),
      inState("azuread:index/appRoleAssignment:AppRoleAssignment", {
        principalObjectId: "principal",
        appRoleId: ROLE,
        resourceObjectId: "graph",
      }),
      inState("azuread:index/applicationPassword:ApplicationPassword", { keyId: KEY }),
    ];
    const names = (stack: readonly Existing[]) => {
      const twins = managedTwins(subjects, stack);
      return subjects.filter(({ urn }) => !twins.has(urn)).map(({ name }) => name);
    };
    assert.deepEqual(names(all), [`Archive role ${OTHER_ROLE}`]);
    assert.equal(names([]).length, subjects.length);
    assert.equal(names(all.map((one) => ({ ...one, outputs: {} }))).length, subjects.length);
  });
});
