// The inputs of the plugin's resources: names, types, defaults, and which are secret by their nature.
// Field lists as in the SDK's declarations of version 1.2.1.

export type FieldType = "string" | "number" | "boolean" | "strings" | "map" | "any" | "source";

export interface Field {
  readonly type: FieldType | Fields;
  readonly required?: boolean;
  readonly secret?: boolean;
  readonly default?: string | number;
  /** Given back as an empty string when it is missing. @default false */
  readonly emptyWhenMissing?: boolean;
}

export interface Fields {
  /** The name that errors give to this set of fields. */
  readonly name: string;
  readonly fields: Readonly<Record<string, Field>>;
}

const connectionFields: Readonly<Record<string, Field>> = {
  agentSocketPath: { type: "string" },
  dialErrorLimit: { type: "number", default: 10 },
  host: { type: "string", required: true },
  hostKey: { type: "string" },
  password: { type: "string", secret: true },
  perDialTimeout: { type: "number", default: 15 },
  port: { type: "number", default: 22 },
  privateKey: { type: "string", secret: true },
  privateKeyPassword: { type: "string", secret: true },
  user: { type: "string", default: "root" },
};

const connection: Fields = {
  name: "remote.Connection",
  fields: {
    ...connectionFields,
    proxy: { type: { name: "remote.ProxyConnection", fields: connectionFields } },
  },
};

const commandFields: Readonly<Record<string, Field>> = {
  addPreviousOutputInEnv: { type: "boolean" },
  create: { type: "string" },
  delete: { type: "string" },
  environment: { type: "map" },
  logging: { type: "string" },
  stdin: { type: "string" },
  triggers: { type: "any" },
  update: { type: "string" },
};

export const remoteCommandInputs: Fields = {
  name: "remote.CommandInputs",
  fields: { ...commandFields, connection: { type: connection, required: true, secret: true } },
};

export const copyToRemoteInputs: Fields = {
  name: "remote.CopyToRemoteInputs",
  fields: {
    connection: { type: connection, required: true, secret: true },
    remotePath: { type: "string", required: true, emptyWhenMissing: true },
    source: { type: "source", required: true },
    triggers: { type: "any" },
  },
};

const placeFields: Readonly<Record<string, Field>> = {
  archivePaths: { type: "strings" },
  assetPaths: { type: "strings" },
  dir: { type: "string" },
  interpreter: { type: "strings" },
};

export const localCommandInputs: Fields = {
  name: "local.CommandInputs",
  fields: { ...commandFields, ...placeFields },
};

export const localRunInputs: Fields = {
  name: "local.RunInputs",
  fields: {
    ...placeFields,
    addPreviousOutputInEnv: { type: "boolean" },
    command: { type: "string", required: true },
    environment: { type: "map" },
    logging: { type: "string" },
    stdin: { type: "string" },
  },
};
