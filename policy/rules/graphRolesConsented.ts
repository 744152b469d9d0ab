// Declaring a role grants nothing: without an assignment the service fails at its first call.
import { z } from "zod";
import {
  applicationsWithPrincipal,
  assignmentsTo,
  declaredRoles,
  shownRole,
} from "../facts/graph-roles";
import { readText } from "../reading";
import { defineRule } from "../rule";

export const graphRolesConsented = defineRule({
  id: "graphRolesConsented",
  severity: "medium",
  level: "advisory",
  fault: "Every Graph role that an Entra application declares must be consented to.",
  remedy:
    "Add an AppRoleAssignment for it, or have an administrator consent and say so in an exception.",
  config: z.object({}),
  stack(subjects, { found, each }) {
    each(applicationsWithPrincipal(subjects), (application) => {
      const granted = assignmentsTo(application, subjects).map((assignment) =>
        readText(assignment, "appRoleId"),
      );
      for (const role of declaredRoles(application)) {
        if (!granted.includes(role)) {
          found(application, `the declared role ${shownRole(role)} must be assigned, but is not`);
        }
      }
    });
  },
});
