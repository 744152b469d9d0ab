// The mistake: Keyturn's component with a lifetime that leaves nobody time to act.
import { ComponentResource } from "@pulumi/pulumi";
import { inDays } from "./parts";

const [every, overlap, lifetime] = ["P180D", "P14D", "P200D"];
const rest = { epoch: "2026-11", endDate: inDays(190), consumers: ["archive"] };
new ComponentResource("keyturn:index:Credential", "archive", {
  every,
  overlap,
  lifetime,
  rehearsalClock: false,
  ...rest,
});
