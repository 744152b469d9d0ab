// Without hostKey the plugin accepts any host, and hands it whatever is on the standard input.
import { z } from "zod";
import { isRemote } from "../kinds";
import { isGiven, readText } from "../reading";
import { defineRule } from "../rule";

export const remoteCommandHasHostKey = defineRule({
  id: "remoteCommandHasHostKey",
  severity: "critical",
  level: "mandatory",
  fault: "A remote command must know its host's key.",
  remedy: "Give connection.hostKey, one public key line of the host; its proxy's too.",
  config: z.object({}),
  resource(subject, { found }) {
    if (!isRemote(subject)) return;
    const hops = [["connection"], ["connection", "proxy"]];
    for (const path of hops.slice(0, isGiven(subject, "connection", "proxy") ? 2 : 1)) {
      if (readText(subject, ...path, "hostKey") === undefined) {
        found(subject, `${path.join(".")}.hostKey must be given, but is not`);
      }
    }
  },
});
