// Cases of the rules about Key Vault secrets and who may read them.
import { type Given, UNKNOWN } from "../../helpers/policy-run";
import { casesOf, password, passwordToBe, vaultSecret } from "./case";

const alone = { from: {} };
const classic = (inputs: Given["inputs"] = {}): Given => ({
  type: "azure:keyvault/secret:Secret",
  name: "secret",
  inputs: { value: UNKNOWN, ...inputs },
});
const assignment = (inputs: Given["inputs"]): Given => ({
  type: "azure-native:authorization:RoleAssignment",
  name: "assignment",
  inputs: { principalId: "p", ...inputs },
});
const ROLES = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions";

export const secretCases = [
  ...casesOf(
    "secretHasExpiry",
    ["passing", "is silent about an expiry", [vaultSecret({}, alone)]],
    [
      "passing",
      "reads the classic provider",
      [classic({ expirationDate: "2027-11-01T00:00:00Z" })],
    ],
    [
      "failing",
      "finds none",
      [vaultSecret({ attributes: { enabled: true } }, alone)],
      [/an expiry must be given/],
    ],
    ["failing", "finds none in the classic provider's", [classic()], [/an expiry must be given/]],
    [
      "failing",
      "finds none in another version of the API",
      [
        {
          ...vaultSecret({ attributes: {} }, alone),
          type: "azure-native:keyvault/v20230701:Secret",
        },
      ],
      [/an expiry must be given/],
    ],
    [
      "unknown",
      "notes an expiry that is not known yet",
      [vaultSecret({ attributes: { expires: UNKNOWN } }, alone)],
      [/properties\.attributes\.expires is not known/],
    ],
  ),
  ...casesOf(
    "secretExpiryMatchesPassword",
    ["passing", "is silent when both end together", [passwordToBe(), vaultSecret()]],
    [
      "passing",
      "is silent about a secret that holds no password",
      [password({ endDate: "2027-10-01T00:00:00Z" }), vaultSecret({}, alone)],
    ],
    [
      "failing",
      "finds a password that ends on another day",
      [password({ endDate: "2027-10-01T00:00:00Z" }), vaultSecret()],
      [/expire at 2027-10-01T00:00:00Z with password, but does at 2027-11-01T00:00:00Z/],
    ],
    [
      "unknown",
      "notes a password whose end is not known yet",
      [password({ endDate: UNKNOWN }), vaultSecret()],
      [/^password: endDate is not known/],
    ],
  ),
  ...casesOf(
    "secretHasContentType",
    ["passing", "is silent about a content type", [vaultSecret({}, alone)]],
    [
      "failing",
      "finds none",
      [vaultSecret({ contentType: undefined }, alone)],
      [/a content type must be given/],
    ],
    ["failing", "finds none in the classic provider's", [classic()], [/a content type must be/]],
    [
      "unknown",
      "notes a content type that is not known yet",
      [vaultSecret({ contentType: UNKNOWN }, alone)],
      [/properties\.contentType is not known/],
    ],
  ),
  ...casesOf(
    "secretHasRotationTags",
    ["passing", "is silent about the three tags", [password(), vaultSecret()]],
    [
      "passing",
      "is silent about a secret that holds no password",
      [vaultSecret({}, { ...alone, tags: {} })],
    ],
    [
      "passing",
      "reads the names of tags whose values are not known yet",
      [
        password(),
        vaultSecret(
          {},
          { tags: { CredentialId: UNKNOWN, ProviderAddress: UNKNOWN, ValidityPeriodDays: "1" } },
        ),
      ],
    ],
    [
      "failing",
      "finds what is missing",
      [password(), vaultSecret({}, { tags: { CredentialId: "k" } })],
      [/the tags must hold ProviderAddress, ValidityPeriodDays\./],
    ],
    [
      "failing",
      "takes the tags of the configuration",
      [password(), vaultSecret()],
      [/the tags must hold owner\./],
      { config: { secretHasRotationTags: { tags: ["owner"] } } },
    ],
    [
      "unknown",
      "notes tags that are not known yet",
      [password(), vaultSecret({}, { tags: UNKNOWN })],
      [/tags is not known/],
    ],
  ),
  ...casesOf(
    "roleAssignmentNotOwner",
    [
      "passing",
      "is silent about Key Vault Secrets User",
      [assignment({ roleDefinitionId: `${ROLES}/4633458b-17de-408a-b874-0445c86b69e6` })],
    ],
    [
      "failing",
      "finds Owner",
      [assignment({ roleDefinitionId: `${ROLES}/8e3af657-a8ff-443c-a75c-2fe8c4bcb635` })],
      [/the role 8e3af657-\S+ must not be assigned/],
    ],
    [
      "failing",
      "finds User Access Administrator, in capitals",
      [assignment({ roleDefinitionId: `${ROLES}/18D7D88D-D35E-4FB5-A5C3-7773C20A72D9` })],
      [/the role 18D7D88D-\S+ must not be assigned/],
    ],
    [
      "failing",
      "finds Role Based Access Control Administrator",
      [assignment({ roleDefinitionId: `${ROLES}/f58310d9-a9f6-439a-9e8d-f62e7b41a168` })],
      [/the role f58310d9-\S+ must not be assigned/],
    ],
    [
      "failing",
      "finds Owner by the classic provider's name",
      [
        {
          type: "azure:authorization/assignment:Assignment",
          name: "assignment",
          inputs: { roleDefinitionName: "Owner" },
        },
      ],
      [/the role Owner must not be assigned/],
    ],
    [
      "unknown",
      "notes a role that is not known yet",
      [assignment({ roleDefinitionId: UNKNOWN })],
      [/roleDefinitionId is not known/],
    ],
  ),
];
