// A foreign program of two old habits: a password until 2099, and its value in the environment of a command.
import { Application } from "@pulumi/azuread/application";
import { ApplicationPassword } from "@pulumi/azuread/applicationPassword";
import { getClientConfigOutput } from "@pulumi/azuread/getClientConfig";
import { Command } from "@pulumi/command/local/command";

const { id: applicationId } = new Application("archive", {
  displayName: "Archive",
  owners: [getClientConfigOutput().objectId],
});
const { value } = new ApplicationPassword("password", {
  applicationId,
  endDate: "2099-12-31T00:00:00Z",
});
new Command("install", { create: "true", environment: { CLIENT_SECRET: value } });
