// Microsoft's own clients, unmodified: reads its orders from standard input, writes what happened as one JSON line.
const { ClientSecretCredential } = require("@azure/identity");
const { SecretClient } = require("@azure/keyvault-secrets");

const collect = async (pages) => {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
};

const main = async (orders) => {
  const { tenantId, clientId, clientSecret, authorityHost, vaultUrl, only } = orders;
  // In the public cloud the clients are told of no other.
  const registered = authorityHost && { authorityHost, disableInstanceDiscovery: true };
  const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, registered);
  const client = new SecretClient(vaultUrl, credential);
  if (only === "get") return { value: (await client.getSecret("sdk")).value };
  const expiresOn = new Date("2030-01-02T03:04:05Z");
  const first = await client.setSecret("sdk", "one", {
    expiresOn,
    contentType: "text/plain",
    tags: { a: "b" },
  });
  await client.setSecret("sdk", "two");
  const versions = await collect(client.listPropertiesOfSecretVersions("sdk"));
  const named = await client.getSecret("sdk", { version: first.properties.version });
  const updated = await client.updateSecretProperties("sdk", first.properties.version, {
    enabled: false,
  });
  const deletion = await client.beginDeleteSecret("sdk", { intervalInMs: 10 });
  const deleted = await deletion.pollUntilDone();
  const listed = await collect(client.listDeletedSecrets());
  const recovery = await client.beginRecoverDeletedSecret("sdk", { intervalInMs: 10 });
  await recovery.pollUntilDone();
  const newest = await client.getSecret("sdk");
  const names = (await collect(client.listPropertiesOfSecrets())).map((one) => one.name);
  await (await client.beginDeleteSecret("sdk", { intervalInMs: 10 })).pollUntilDone();
  await client.purgeDeletedSecret("sdk");
  const left = await collect(client.listDeletedSecrets());
  return {
    versions: versions.length,
    named: named.value,
    expiresOn: named.properties.expiresOn,
    tags: named.properties.tags,
    enabled: updated.enabled,
    recoverable: deleted.recoveryId !== undefined,
    deleted: listed.map((one) => one.name),
    newest: newest.value,
    names,
    left: left.length,
  };
};

let input = "";
process.stdin.on("data", (chunk) => (input += chunk));
process.stdin.on("end", () => {
  main(JSON.parse(input)).then(
    (result) => console.log(JSON.stringify(result)),
    (error) =>
      console.log(
        JSON.stringify({
          error: { status: error.statusCode, code: error.code, message: error.message },
        }),
      ),
  );
});
