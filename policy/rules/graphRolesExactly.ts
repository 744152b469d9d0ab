// What an application is granted must be what it declares: a role beyond that is one that nobody reviews.
import { z } from "zod";
import {
  applicationsWithPrincipal,
  assignmentsTo,
  declaredRoles,
  shownRole,
} from "../facts/graph-roles";
import { readText } from "../reading";
import { defineRule } from "../rule";

export const graphRolesExactly = defineRule({
  id: "graphRolesExactly",
  severity: "high",
  level: "mandatory",
  fault: "An Entra application must be granted exactly the Graph roles that it declares.",
  remedy: "Declare the role in requiredResourceAccesses if it is needed, or do not assign it.",
  config: z.object({
    allowed: z
      .array(z.string())
      .default([])
      .describe("Ids of the roles that an application may declare; empty allows any."),
  }),
  stack(subjects, { config: { allowed }, found, each }) {
    each(applicationsWithPrincipal(subjects), (application) => {
      const declared = declaredRoles(application);
      for (const role of declared) {
        if (allowed.length > 0 && !allowed.includes(role)) {
          found(
            application,
            `the role ${shownRole(role)} must not be declared; it is not among the allowed`,
          );
        }
      }
      each(assignmentsTo(application, subjects), (assignment) => {
        const role = readText(assignment, "appRoleId");
        if (role !== undefined && !declared.includes(role)) {
          found(
            assignment,
            `the role ${shownRole(role)} must be declared by ${application.name}, but is not`,
          );
        }
      });
    });
  },
});
