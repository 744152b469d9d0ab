// azuread.getClientConfig: who the provider is signed in as; no call of its own.
import { defineFunction } from "./define";

export const getClientConfig = defineFunction(
  "azuread:index/getClientConfig:getClientConfig",
  (_args, { caller: { clientId, objectId, tenantId } }) =>
    Promise.resolve({
      clientId,
      id: `${tenantId}-${clientId}-${objectId}`,
      objectId,
      tenantId,
    }),
);
