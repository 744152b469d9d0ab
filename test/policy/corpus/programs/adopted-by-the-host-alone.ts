// The mistake: Keyturn's component with an adoption that only the host vouches for, where the log's word is demanded.
import { ComponentResource } from "@pulumi/pulumi";
import { inDays } from "./parts";

const schedule = { every: "P180D", overlap: "P14D", lifetime: "P365D", rehearsalClock: false };
new ComponentResource("keyturn:index:Credential", "archive", {
  ...schedule,
  epoch: "2026-11",
  endDate: inDays(300),
  consumers: ["archive"],
  adoptionLevel: "host",
  notProvenByLog: [],
  record: { history: { active: { adoptedOn: inDays(-30).slice(0, "2026-11-01".length) } } },
});
