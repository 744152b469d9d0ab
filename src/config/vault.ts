// What the config says of a vault that is made: its tags and its network rules, in the limits of Azure.
import { z } from "zod";

const MOST_TAGS = 50;
const LONGEST_NAME = 512;
const LONGEST_VALUE = 256;
const RULES = 1000;

export const vaultTagsSchema = z
  .record(
    z
      .string()
      .min(1, "must have names that are not empty")
      .max(LONGEST_NAME, `must have names of at most ${LONGEST_NAME} characters`)
      .regex(/^[^<>%&\\?/]*$/, "must have names without < > % & \\ ? /"),
    z.string("must be texts").max(LONGEST_VALUE, `must be at most ${LONGEST_VALUE} characters`),
  )
  .refine((tags) => Object.keys(tags).length <= MOST_TAGS, `must be at most ${MOST_TAGS}`);

const part = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const address = z
  .string()
  .regex(
    new RegExp(`^${part}(\\.${part}){3}(/(3[0-2]|[12]?\\d))?$`),
    "must be a public IPv4 address or a range of them, like 203.0.113.0/24",
  )
  .refine(
    (text) => !/^(10|127|172\.(1[6-9]|2\d|3[01])|192\.168)\./.test(text),
    "must be public: Key Vault refuses private addresses; give the subnet",
  );
const subnetId = z
  .string()
  .regex(
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/microsoft\.network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i,
    "must be the resource id of a subnet: /subscriptions/…/virtualNetworks/…/subnets/…",
  );

export const vaultNetworkSchema = z.strictObject({
  addresses: z.array(address).max(RULES).optional(),
  subnetIds: z.array(subnetId).max(RULES).optional(),
  publicAccess: z.boolean("must be true or false").optional(),
});
