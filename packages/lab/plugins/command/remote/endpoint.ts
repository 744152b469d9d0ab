// Where and as whom to connect, read from a resource's `connection`.
import { z } from "zod";

import { unwrapDeep } from "../../provider/values";
import type { PropertyValue } from "../../provider/values";

const endpoint = z.object({
  agentSocketPath: z.string().optional(),
  dialErrorLimit: z.number().default(10),
  host: z.string(),
  hostKey: z.string().optional(),
  password: z.string().optional(),
  perDialTimeout: z.number().default(15),
  port: z.number().default(22),
  privateKey: z.string().optional(),
  privateKeyPassword: z.string().optional(),
  user: z.string().default("root"),
});

const connection = endpoint.extend({ proxy: endpoint.optional() });

export type Endpoint = z.infer<typeof endpoint>;
export type Connection = z.infer<typeof connection>;

export function parseConnection(value: PropertyValue): Connection {
  return connection.parse(unwrapDeep(value));
}
