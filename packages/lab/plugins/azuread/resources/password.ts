// Passwords of applications and of service principals: the same resource on two kinds of object.
// Every input replaces; there is no update and no import; one that is gone already cannot be deleted.
import type { PropertyValue, Properties } from "../../provider/values";
import { attempt, Diagnostic } from "../diagnostics";
import { objectIdOf, pairOf } from "../ids";
import { objects, text } from "../json";
import type { Operation } from "../operation";
import { defineResource } from "../resource";
import type { Validator } from "../schema";
import { notEmpty, rfc3339 } from "../validators";
import { INTERVAL_SECONDS } from "../consistency";

/** Where a password lives. */
export interface PasswordArgs {
  readonly terraformType: string;
  /** The input that names the holder: `applicationId`. */
  readonly holderInput: string;
  readonly validateHolder: Validator;
  /** `applications` */
  readonly collection: string;
  readonly holderName: (objectId: string) => string;
  readonly createMinutes: number;
  /** Between two looks for the new password. */
  readonly createIntervalSeconds: number;
}

export function definePassword(args: PasswordArgs) {
  const { holderInput, collection } = args;
  const pathOf = (objectId: string) => `/v1.0/${collection}/${objectId}`;
  const holderId = (objectId: string) => `/${collection}/${objectId}`;
  const replacing = { kind: "string", forceNew: true } as const;

  return defineResource({
    terraformType: args.terraformType,
    fields: {
      [holderInput]: { ...replacing, mode: "required", validate: args.validateHolder },
      displayName: { ...replacing, mode: "optional+computed" },
      endDate: {
        ...replacing,
        mode: "optional+computed",
        conflictsWith: ["endDateRelative"],
        validate: rfc3339,
      },
      endDateRelative: {
        ...replacing,
        mode: "optional",
        conflictsWith: ["endDate"],
        validate: notEmpty,
      },
      keyId: { kind: "string", mode: "computed" },
      rotateWhenChanged: { kind: "map", mode: "optional", forceNew: true },
      startDate: { ...replacing, mode: "optional+computed", validate: rfc3339 },
      value: { kind: "string", mode: "computed", secret: true },
    },
    createMinutes: args.createMinutes,
    create,
    read,
    delete: remove,
  });

  async function create(planned: Properties, op: Operation): Promise<string> {
    const objectId = objectIdOf(text(planned, holderInput));
    const name = args.holderName(objectId);
    const path = pathOf(objectId);
    return op.locks.hold(path, async () => {
      const holder = await op.find(path, `Retrieving ${name}`);
      if (holder === undefined) throw new Diagnostic(`${name} was not found`, { path: "id" });
      const made = await attempt(`Adding password for ${name}`, () =>
        op.graph.post(`${path}/addPassword`, { passwordCredential: credential(planned) }, op.once),
      );
      const keyId = text(made, "keyId");
      const value = text(made, "secretText");
      if (keyId === "" || value === "") {
        throw new Diagnostic(`API error adding password for ${name}`, {
          cause: "nil or empty keyId or password received",
        });
      }
      await op.wait(
        `Waiting for password credential for ${name}`,
        "Done",
        args.createIntervalSeconds,
        async () => (await findCredential(objectId, keyId, op)) !== undefined,
      );
      // The value is told once; from here on it comes from the state.
      planned["value"] = value;
      return `${objectId}/password/${keyId}`;
    });
  }

  async function read(
    id: string,
    state: Properties,
    op: Operation,
  ): Promise<Properties | undefined> {
    const [objectId, keyId] = parse(id);
    const found = await findCredential(objectId, keyId, op);
    if (found === undefined) return undefined;
    return {
      [holderInput]: holderId(objectId),
      displayName: text(found, "displayName"),
      endDate: text(found, "endDateTime"),
      endDateRelative: state["endDateRelative"] ?? null,
      keyId,
      rotateWhenChanged: state["rotateWhenChanged"] ?? null,
      startDate: text(found, "startDateTime"),
      value: state["value"] ?? null,
    };
  }

  async function remove(id: string, _state: Properties, op: Operation): Promise<void> {
    const [objectId, keyId] = parse(id);
    const name = args.holderName(objectId);
    const path = pathOf(objectId);
    await op.locks.hold(path, async () => {
      await attempt(`Removing password credential "${keyId}" from ${name}`, () =>
        op.graph.post(`${path}/removePassword`, { keyId }, op.once),
      );
      await op.wait(
        `Waiting for deletion of password credential "${keyId}" from ${name}`,
        "Deleted",
        INTERVAL_SECONDS,
        async () => (await findCredential(objectId, keyId, op)) === undefined,
      );
    });
  }

  async function findCredential(
    objectId: string,
    keyId: string,
    op: Operation,
  ): Promise<Properties | undefined> {
    const holder = await op.find(pathOf(objectId), `Retrieving ${args.holderName(objectId)}`);
    if (holder === undefined) return undefined;
    return objects(holder, "passwordCredentials").find(
      (each) => text(each, "keyId").toLowerCase() === keyId.toLowerCase(),
    );
  }
}

function parse(id: string): readonly [string, string] {
  const pair = pairOf(id, "password");
  if (pair !== undefined) return pair;
  throw new Diagnostic(`Parsing password credential with ID "${id}"`, {
    path: "id",
    cause: `Password Credential ID should be in the format {objectId}/password/{keyId} - but got "${id}"`,
  });
}

/** What Graph is asked for; `endDateRelative` is ignored, as by the vendor's plugin. */
function credential(planned: Properties): Properties {
  const members: readonly (readonly [string, PropertyValue | undefined])[] = [
    ["displayName", planned["displayName"]],
    ["startDateTime", planned["startDate"]],
    ["endDateTime", planned["endDate"]],
  ];
  return Object.fromEntries(
    members.flatMap(([name, value]) =>
      value === undefined || value === null || value === "" ? [] : [[name, value]],
    ),
  );
}
