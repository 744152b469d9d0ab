// Which roles an application declares, and which are assigned to it, by role id.
import { isAppRoleAssignment, isApplication, isServicePrincipal, sourcesOf } from "../kinds";
import { ifSeen, readIndices, readText } from "../reading";
import type { StackSubject, Subject } from "../rule";

/** Application roles that an application asks for, whatever API they belong to. @throws Unseen */
export function declaredRoles(application: Subject): string[] {
  const list = "requiredResourceAccesses";
  return readIndices(application, list).flatMap((api) =>
    readIndices(application, list, api, "resourceAccesses").flatMap((access) => {
      const path = [list, api, "resourceAccesses", access] as const;
      if (readText(application, ...path, "type") !== "Role") return [];
      return readText(application, ...path, "id") ?? [];
    }),
  );
}

/** A role's id as it may be printed: an id is no secret, another text might be. */
export function shownRole(role: string): string {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(role) ? role : "that is no GUID";
}

/** The assignments to an application's service principal. */
export function assignmentsTo(
  application: StackSubject,
  subjects: readonly StackSubject[],
): StackSubject[] {
  const principals = principalsOf(application, subjects);
  return subjects.filter(
    (subject) =>
      isAppRoleAssignment(subject) &&
      principals.some(
        (principal) =>
          sourcesOf(subject, "principalObjectId").includes(principal) ||
          same(subject, "principalObjectId", principal, "objectId"),
      ),
  );
}

/** Applications of the stack that have a service principal there: only of those are assignments to be seen. */
export function applicationsWithPrincipal(subjects: readonly StackSubject[]): StackSubject[] {
  return subjects.filter(
    (application) => isApplication(application) && principalsOf(application, subjects).length > 0,
  );
}

function principalsOf(
  application: StackSubject,
  subjects: readonly StackSubject[],
): StackSubject[] {
  const inputs = ["clientId", "applicationId"];
  return subjects.filter(
    (subject) =>
      isServicePrincipal(subject) &&
      (sourcesOf(subject, ...inputs).includes(application) ||
        inputs.some((input) => same(subject, input, application, "clientId"))),
  );
}

function same(a: Subject, keyOfA: string, b: Subject, keyOfB: string): boolean {
  const value = ifSeen(() => readText(a, keyOfA));
  return value !== undefined && value === ifSeen(() => readText(b, keyOfB));
}
