// The plugin prints what a command prints, in clear, whether it is a secret or not (pulumi/pulumi-command issue 260).
import { z } from "zod";
import { isCommand } from "../kinds";
import { isGiven, readText } from "../reading";
import { defineRule } from "../rule";

export const remoteCommandLogsNothing = defineRule({
  id: "remoteCommandLogsNothing",
  severity: "high",
  level: "mandatory",
  fault: "A command that is given something on its input or in its environment must log nothing.",
  remedy: 'Set logging to "none".',
  config: z.object({}),
  resource(subject, { found }) {
    if (!isCommand(subject)) return;
    const fed = isGiven(subject, "stdin") || isGiven(subject, "environment");
    const logging = fed ? (readText(subject, "logging") ?? "stdout and stderr") : "none";
    if (logging !== "none") found(subject, "logging must be none, but is not");
  },
});
