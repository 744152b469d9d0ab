// With --continue-on-error the engine deletes what is no longer declared although a step before it failed, and writes
// the failed resources' outputs as unknowns. The flag itself does not reach a policy; its environment variables do.
import { z } from "zod";
import { isCredential, isPassword } from "../kinds";
import { defineRule } from "../rule";

const VARIABLES = ["PULUMI_CONTINUE_ON_ERROR", "PULUMI_OPTION_CONTINUE_ON_ERROR"];

export const continueOnErrorRefused = defineRule({
  id: "continueOnErrorRefused",
  severity: "critical",
  level: "mandatory",
  fault: "A stack with Entra passwords must not be run with --continue-on-error.",
  remedy: "Remove the variable, and the flag with it.",
  config: z.object({}),
  resource(subject, { environment, found }) {
    if (!isPassword(subject) && !isCredential(subject)) return;
    for (const name of VARIABLES) {
      if (/^(1|t|true)$/i.test(environment[name] ?? "")) found(subject, `${name} must not be set`);
    }
  },
});
