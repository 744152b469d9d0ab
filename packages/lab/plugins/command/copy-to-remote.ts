// `command:remote:CopyToRemote`: copies an asset or an archive to a host over SFTP.
// A deleted resource leaves its file where it is.
import type { Client, SFTPWrapper } from "ssh2";
import { z } from "zod";

import { ProviderError } from "../provider/errors";
import type { CallContext, CheckAnswer, ResourceStandIn } from "../provider/stand-in";
import { isArchive, isAsset, isPlainObject, isUnknown, unwrap } from "../provider/values";
import type { Properties, PropertyValue } from "../provider/values";
import { check } from "./check";
import { diff } from "./diff";
import { copyToRemoteInputs } from "./fields";
import { uniqueId } from "./ids";
import { dial } from "./remote/dial";
import { parseConnection } from "./remote/endpoint";
import { Upload } from "./remote/upload";

const asset = z.object({ path: z.string().default(""), text: z.string().default("") });

export const copyToRemote: ResourceStandIn<unknown> = {
  check: ({ news }) => checkCopy(news),
  diff,
  async create({ properties, preview }, context) {
    if (preview) return { id: "", properties };
    await copy(properties, context);
    return { id: uniqueId(""), properties };
  },
  read: ({ id, inputs, properties }) => Promise.resolve({ id, inputs, properties }),
  async update({ olds, news, preview }, context) {
    const filled = checkCopy(news).inputs;
    if (!preview && (hashOf(olds) !== hashOf(filled) || pathOf(olds) !== pathOf(filled))) {
      await copy(filled, context);
    }
    return filled;
  },
  delete: () => Promise.resolve(),
};

function checkCopy(news: Properties): CheckAnswer {
  const answer = check(news, copyToRemoteInputs);
  const source = unwrap(news["source"] ?? null);
  if (source === null || isUnknown(source) || isAsset(source) || isArchive(source)) return answer;
  const failure = { property: "asset", reason: "either asset or archive must be set" };
  return { inputs: answer.inputs, failures: [...answer.failures, failure] };
}

async function copy(properties: Properties, context: CallContext<unknown>): Promise<void> {
  const client = await dial(parseConnection(properties["connection"] ?? {}), context);
  try {
    await send(new Upload(await openSftp(client)), properties);
  } finally {
    client.end();
  }
}

async function send(upload: Upload, properties: Properties): Promise<void> {
  const destination = pathOf(properties);
  const source = unwrap(properties["source"] ?? null);
  if (isArchive(source) && isPlainObject(source["assets"])) {
    for (const [name, entry] of Object.entries(source["assets"])) {
      await sendAsset(upload, entry, `${destination}/${name}`);
    }
    return;
  }
  await sendAsset(upload, source, destination);
}

async function sendAsset(upload: Upload, value: PropertyValue, path: string): Promise<void> {
  const source = unwrap(value);
  if (!isAsset(source) && !isArchive(source)) {
    throw new ProviderError("asset is neither path-based, text-based, nor URI-based");
  }
  const given = asset.parse(source);
  if (given.path !== "") await upload.path(given.path, path);
  else if (isAsset(source)) await upload.text(given.text, path);
  else throw new ProviderError("the lab copies no archives from a URI");
}

function hashOf(properties: Properties): PropertyValue | undefined {
  const source = unwrap(properties["source"] ?? null);
  return isAsset(source) || isArchive(source) ? source["hash"] : undefined;
}

function pathOf(properties: Properties): string {
  return z.string().parse(unwrap(properties["remotePath"] ?? ""));
}

function openSftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.sftp((error, sftp) => {
      if (error === undefined) resolve(sftp);
      else reject(new ProviderError("ssh: subsystem request failed", undefined, { cause: error }));
    });
  });
}
