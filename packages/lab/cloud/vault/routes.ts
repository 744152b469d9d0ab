// The operations of the data plane on secrets, in the order of Microsoft's REST reference.
import type { FastifyInstance } from "fastify";
import { RIGHTS } from "./access";
import { readPageSize, readSet, readUpdate, requireName, requireVersion } from "./input";
import { deletedSecretNotFound } from "./errors";
import { page } from "./paging";
import { newest } from "./secrets";
import type { Authorise } from "./call";
import { retentionOf } from "./store";

interface Named {
  Params: { name: string };
}
interface Versioned {
  Params: { name: string; version: string };
}
interface Listing {
  Querystring: { "api-version": string; maxresults?: string; $skiptoken?: string };
}

export function addSecretRoutes(server: FastifyInstance, authorise: Authorise): void {
  server.put<Named>("/secrets/:name", async (request) => {
    const name = request.params.name;
    const { vault, bundles, now } = await authorise(request, RIGHTS.set, name);
    const version = vault.secrets.set(requireName(name), readSet(request.body), now);
    return bundles.full(vault.secrets.find(name).name, version);
  });

  server.get<Named>("/secrets/:name", async (request) => {
    const name = request.params.name;
    const { vault, bundles } = await authorise(request, RIGHTS.get, name);
    const version = vault.secrets.read(requireName(name));
    return bundles.full(vault.secrets.find(name).name, version);
  });

  server.get<Versioned>("/secrets/:name/:version", async (request) => {
    const { name, version } = request.params;
    const { vault, bundles } = await authorise(request, RIGHTS.get, name);
    const found = vault.secrets.read(requireName(name), requireVersion(version));
    return bundles.full(vault.secrets.find(name).name, found);
  });

  server.get<Named & Listing>("/secrets/:name/versions", async (request) => {
    const name = requireName(request.params.name);
    const { vault, bundles } = await authorise(request, RIGHTS.list, name);
    const secret = vault.secrets.find(name);
    const items = secret.versions.map((version) => bundles.withoutValue(secret.name, version));
    return page(request, items, readPageSize(request.query.maxresults));
  });

  const update = async (
    request: Parameters<Authorise>[0],
    name: string,
    version?: string,
  ): Promise<object> => {
    const { vault, bundles, now } = await authorise(request, RIGHTS.update, name);
    const change = readUpdate(request.body);
    const changed = vault.secrets.update(requireName(name), version, change, now);
    return bundles.withoutValue(vault.secrets.find(name).name, changed);
  };
  server.patch<Named>("/secrets/:name", (request) => update(request, request.params.name));
  server.patch<Versioned>("/secrets/:name/:version", (request) =>
    update(request, request.params.name, requireVersion(request.params.version)),
  );

  server.get<Listing>("/secrets", async (request) => {
    const { vault, bundles } = await authorise(request, RIGHTS.list);
    const items = vault.secrets.list().map((secret) => bundles.listed(secret));
    return page(request, items, readPageSize(request.query.maxresults));
  });

  server.delete<Named>("/secrets/:name", async (request) => {
    const name = requireName(request.params.name);
    const { vault, bundles, now } = await authorise(request, RIGHTS.delete, name);
    const { deletion, ...secret } = vault.secrets.delete(name, retentionOf(vault), now);
    if (!deletion) throw deletedSecretNotFound(name);
    return bundles.deleted({ ...secret, deletion });
  });

  server.get<Listing>("/deletedsecrets", async (request) => {
    const { vault, bundles, now } = await authorise(request, RIGHTS.list);
    const items = vault.secrets.listDeleted(now).map((secret) => bundles.deletedListed(secret));
    return page(request, items, readPageSize(request.query.maxresults));
  });

  server.get<Named>("/deletedsecrets/:name", async (request) => {
    const name = requireName(request.params.name);
    const { vault, bundles, now } = await authorise(request, RIGHTS.getDeleted, name);
    return bundles.deleted(vault.secrets.findDeleted(name, now));
  });

  server.post<Named>("/deletedsecrets/:name/recover", async (request) => {
    const name = requireName(request.params.name);
    const { vault, bundles, now } = await authorise(request, RIGHTS.recover, name);
    const secret = vault.secrets.recover(name, now);
    return bundles.withoutValue(secret.name, newest(secret.versions));
  });

  server.delete<Named>("/deletedsecrets/:name", async (request, reply) => {
    const name = requireName(request.params.name);
    const { vault, now } = await authorise(request, RIGHTS.purge, name);
    vault.secrets.purge(name, retentionOf(vault), now);
    await reply.code(204).send();
  });
}
