// One authorised request of the data plane: which vault, and how it is authorised.
import type { FastifyRequest } from "fastify";
import type { Right } from "./access";
import type { Bundles } from "./bundles";
import type { Vault } from "./store";

/** What a route needs to know about one authorised request. */
export interface VaultCall {
  readonly vault: Vault;
  readonly bundles: Bundles;
  readonly now: Date;
}

export type Authorise = (
  request: FastifyRequest,
  right: Right,
  secretName?: string,
) => Promise<VaultCall>;
