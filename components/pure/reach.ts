// What the look at a host's SSH server is asked, before anything is carried there: shared by the component and the step.
import { z } from "zod";

/** The step's input; a secret as a whole. */
export const reachInput = z.strictObject({
  /** The consumer's name, for error sentences. */
  consumer: z.string(),
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  user: z.string().min(1),
  /** Type and key, base64, as in known_hosts without the name. */
  hostKey: z.string().regex(/^\S+ [A-Za-z0-9+/=]+/, "must be a key's type and its base64"),
  privateKey: z.string(),
  /** What is carried there; another one makes the step look again. */
  keyId: z.string(),
  revision: z.string(),
  attempt: z.string(),
  retry: z.int(),
});

export type ReachInput = z.infer<typeof reachInput>;
