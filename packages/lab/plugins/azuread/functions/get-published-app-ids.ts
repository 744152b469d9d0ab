// azuread.getApplicationPublishedAppIds: client ids that Microsoft has published; no call of its own.
// The vendor's table is longer; these are the APIs that services of our kind use.
import { defineFunction } from "./define";

const PUBLISHED = {
  AzureActiveDirectoryGraph: "00000002-0000-0000-c000-000000000000",
  AzureDevOps: "499b84ac-1321-427f-aa17-267ca6975798",
  AzureKeyVault: "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
  AzureServiceManagement: "797f4846-ba00-4fd7-ba43-dac1f8f63013",
  AzureStorage: "e406a681-f3d4-42a8-90b6-c2b029497af1",
  MicrosoftGraph: "00000003-0000-0000-c000-000000000000",
  Office365ExchangeOnline: "00000002-0000-0ff1-ce00-000000000000",
  Office365Management: "c5393580-f805-4401-95e8-94b7a6ef2fc2",
  Office365SharePointOnline: "00000003-0000-0ff1-ce00-000000000000",
};

export const getApplicationPublishedAppIds = defineFunction(
  "azuread:index/getApplicationPublishedAppIds:getApplicationPublishedAppIds",
  () => Promise.resolve({ id: "appIds", result: { ...PUBLISHED } }),
);
