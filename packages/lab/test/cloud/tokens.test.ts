// Verification of bearer tokens: who they speak for, and why one is refused.
import assert from "node:assert/strict";
import { type TokenFault, TokenError, createTokenIssuer } from "../../cloud/tokens";
import type { Endpoints } from "../../cloud/endpoints";

const endpoints: Endpoints = {
  loginUrl: "https://localhost:1",
  graphUrl: "https://localhost:2",
  armUrl: "https://localhost:3",
  cloud: "lab",
  vaultSuffix: "vault.localhost",
  vaultPort: 4,
  proxyUrl: "",
  snappassUrl: "",
  jobsUrl: "",
};
const request = {
  clientId: "client",
  servicePrincipalObjectId: "principal",
  audience: "https://localhost:2",
  roles: ["User.Read.All"],
};

describe("createTokenIssuer", () => {
  it("verifies its own token for any name of the same audience", async () => {
    const issuer = await createTokenIssuer(endpoints, "tenant");
    const token = await issuer.issue(request);
    const caller = await issuer.verify(`Bearer ${token}`, ["other", "https://LOCALHOST:2/"]);
    assert.deepEqual(caller, { ...request, tenantId: "tenant" });
  });

  it("reads the client id of a v2.0 token from azp", async () => {
    const issuer = await createTokenIssuer(endpoints, "tenant");
    const token = await issuer.issue({ ...request, version: "2.0" });
    assert.equal((await issuer.verify(token, request.audience)).clientId, "client");
  });

  const refused: readonly (readonly [
    string,
    TokenFault,
    (good: string) => Promise<string> | string,
  ])[] = [
    ["is absent", "missing", () => "Bearer"],
    ["is no JWT", "malformed", () => "Bearer abc"],
    [
      "was signed by another lab",
      "signature",
      async () => (await createTokenIssuer(endpoints, "tenant")).issue(request),
    ],
    ["was altered", "signature", (good) => `${good.slice(0, -8)}AAAAAAAA`],
  ];
  for (const [when, fault, make] of refused) {
    it(`refuses a token that ${when}`, async () => {
      const issuer = await createTokenIssuer(endpoints, "tenant");
      const bearer = await make(await issuer.issue(request));
      await assert.rejects(issuer.verify(bearer, request.audience), isFault(fault));
    });
  }

  it("refuses a token that has expired, and one for another audience", async () => {
    const issuer = await createTokenIssuer(endpoints, "tenant");
    const expired = await issuer.issue({ ...request, lifetimeSeconds: -10 });
    await assert.rejects(issuer.verify(expired, request.audience), isFault("expired"));
    const other = await issuer.issue({ ...request, audience: "https://vault.azure.net" });
    await assert.rejects(issuer.verify(other, request.audience), isFault("audience"));
  });
});

function isFault(fault: TokenFault): (error: unknown) => boolean {
  return (error) => error instanceof TokenError && error.fault === fault;
}
