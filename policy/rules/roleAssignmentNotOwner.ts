// Whoever deploys or reads secrets needs a role for that, not the right to give rights.
import { z } from "zod";
import { isRoleAssignment } from "../kinds";
import { readText } from "../reading";
import { defineRule } from "../rule";

/** Azure's built-in roles, as Microsoft Learn lists them. */
const OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const USER_ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9";
const ACCESS_CONTROL_ADMINISTRATOR = "f58310d9-a9f6-439a-9e8d-f62e7b41a168";

export const roleAssignmentNotOwner = defineRule({
  id: "roleAssignmentNotOwner",
  severity: "high",
  level: "mandatory",
  fault: "An Azure role that may give rights must not be assigned.",
  remedy: "Assign a role for the task, such as Key Vault Secrets User.",
  config: z.object({
    refused: z
      .array(z.string())
      .default([
        OWNER,
        "Owner",
        USER_ACCESS_ADMINISTRATOR,
        "User Access Administrator",
        ACCESS_CONTROL_ADMINISTRATOR,
        "Role Based Access Control Administrator",
      ])
      .describe("Ids and names of the roles that must not be assigned."),
  }),
  resource(subject, { config: { refused }, found }) {
    if (!isRoleAssignment(subject)) return;
    const role =
      readText(subject, "roleDefinitionId")?.split("/").at(-1) ??
      readText(subject, "roleDefinitionName") ??
      "";
    const wanted = refused.map((each) => each.toLowerCase());
    if (wanted.includes(role.toLowerCase()))
      found(subject, `the role ${role} must not be assigned`);
  },
});
