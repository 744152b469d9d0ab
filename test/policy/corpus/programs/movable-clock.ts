// The mistake: the lab's clock, outside the lab.
import { ComponentResource } from "@pulumi/pulumi";
import { inDays } from "./parts";

const [every, overlap, lifetime] = ["P180D", "P14D", "P365D"];
const rest = { epoch: "2026-11", endDate: inDays(300), consumers: ["archive"] };
new ComponentResource("keyturn:index:Credential", "archive", {
  every,
  overlap,
  lifetime,
  rehearsalClock: true,
  ...rest,
});
