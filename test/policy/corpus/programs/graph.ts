// Microsoft Graph as the programs of the corpus name it.
import { getServicePrincipalOutput } from "@pulumi/azuread/getServicePrincipal";
import type { Output } from "@pulumi/pulumi";

export const GRAPH = "00000003-0000-0000-c000-000000000000";
export const USER_READ_ALL = "df021288-bdef-4463-88db-98f22de89214";
export const GROUP_READ_ALL = "5b567255-7703-4780-807c-7be8301ae99b";

export const graphObjectId = (): Output<string> =>
  getServicePrincipalOutput({ clientId: GRAPH }).objectId;
