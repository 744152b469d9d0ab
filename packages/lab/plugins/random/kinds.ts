// The plugin's resources: their inputs, what they compute, and how a result is made from the inputs.
// Every computed property is unknown in a preview.
import { randomBytes, randomUUID } from "node:crypto";

import { genSaltSync, hashSync } from "bcryptjs";
import { z } from "zod";

import { ProviderError } from "../provider/errors";
import { secret } from "../provider/values";
import type { Properties } from "../provider/values";
import { randomText } from "./characters";
import type { Fields } from "./fields";
import { petWords } from "./pets";
import { machineSource, seededSource, shuffled } from "./source";

export interface Made {
  readonly id: string;
  readonly computed: Properties;
}

export interface Kind {
  readonly fields: Fields;
  /** Names of computed properties besides the id. */
  readonly computes: readonly string[];
  make(inputs: Properties): Made;
  /** The inputs, and what was made, that an imported id stands for. */
  adopt?(id: string): { readonly inputs: Properties; readonly made: Made };
}

const keepers = { type: "map" } as const;

const uuid: Kind = {
  fields: { keepers },
  computes: ["result"],
  make: () => {
    const id = randomUUID();
    return { id, computed: { result: id } };
  },
  adopt: (id) => ({ inputs: {}, made: { id, computed: { result: id } } }),
};

const LENGTH =
  "The length of the string desired. The minimum value for length is 1 and, length must also be >= " +
  "(`min_upper` + `min_lower` + `min_numeric` + `min_special`).";

const textFields: Fields = {
  keepers,
  length: { type: "number", required: LENGTH, atLeast: 1 },
  lower: { type: "boolean", default: true },
  minLower: { type: "number", default: 0 },
  minNumeric: { type: "number", default: 0 },
  minSpecial: { type: "number", default: 0 },
  minUpper: { type: "number", default: 0 },
  number: { type: "boolean", default: true, sameAs: "numeric" },
  numeric: { type: "boolean", default: true, sameAs: "number" },
  overrideSpecial: { type: "string" },
  special: { type: "boolean", default: true },
  upper: { type: "boolean", default: true },
};

const textRule = z.object({
  length: z.number(),
  lower: z.boolean(),
  numeric: z.boolean(),
  special: z.boolean(),
  upper: z.boolean(),
  minLower: z.number(),
  minNumeric: z.number(),
  minSpecial: z.number(),
  minUpper: z.number(),
  overrideSpecial: z.string().optional(),
});

const string: Kind = {
  fields: textFields,
  computes: ["result"],
  make: (inputs) => {
    const result = randomText(textRule.parse(inputs), machineSource);
    return { id: result, computed: { result } };
  },
  adopt: (id) => ({ inputs: { length: id.length }, made: { id, computed: { result: id } } }),
};

const password: Kind = {
  fields: textFields,
  computes: ["bcryptHash", "result"],
  make: (inputs) => hiddenText(randomText(textRule.parse(inputs), machineSource)),
  adopt: (id) => ({ inputs: { length: id.length }, made: hiddenText(id) }),
};

function hiddenText(result: string): Made {
  const salt = genSaltSync(10).replace("$2b$", "$2a$");
  const bcryptHash = hashSync(result, salt);
  return { id: "none", computed: { bcryptHash: secret(bcryptHash), result: secret(result) } };
}

const id: Kind = {
  fields: {
    byteLength: {
      type: "number",
      required:
        "The number of random bytes to produce. The minimum value is 1, which produces eight bits of randomness.",
      atLeast: 1,
    },
    keepers,
    prefix: { type: "string" },
  },
  computes: ["b64Std", "b64Url", "dec", "hex"],
  make: (inputs) => {
    const { byteLength, prefix } = z
      .object({ byteLength: z.number(), prefix: z.string().default("") })
      .parse(inputs);
    return idOf(randomBytes(byteLength), prefix);
  },
  adopt: (given) => {
    const bytes = Buffer.from(given, "base64url");
    return { inputs: { byteLength: bytes.length }, made: idOf(bytes, "") };
  },
};

function idOf(bytes: Buffer, prefix: string): Made {
  const b64Url = bytes.toString("base64url");
  const hex = bytes.toString("hex");
  const computed = {
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + b64Url,
    dec: prefix + BigInt(`0x${hex}`).toString(),
    hex: prefix + hex,
  };
  return { id: b64Url, computed };
}

const pet: Kind = {
  fields: {
    keepers,
    length: { type: "number", default: 2, atLeast: 1 },
    prefix: { type: "string" },
    separator: { type: "string", default: "-" },
  },
  computes: [],
  make: (inputs) => {
    const { length, prefix, separator } = z
      .object({ length: z.number(), prefix: z.string().optional(), separator: z.string() })
      .parse(inputs);
    const words = petWords(length, machineSource);
    return {
      id: [...(prefix === undefined ? [] : [prefix]), ...words].join(separator),
      computed: {},
    };
  },
};

const integer: Kind = {
  fields: {
    keepers,
    max: { type: "number", required: "The maximum inclusive value of the range." },
    min: { type: "number", required: "The minimum inclusive value of the range." },
    seed: { type: "string" },
  },
  computes: ["result"],
  make: (inputs) => {
    const { max, min, seed } = z
      .object({ max: z.number(), min: z.number(), seed: z.string().optional() })
      .parse(inputs);
    if (max < min) {
      throw new ProviderError(
        "Create Random Integer Error. The minimum (min) value needs to be smaller than or equal to maximum (max) value.",
      );
    }
    const source = seed === undefined ? machineSource : seededSource(seed);
    const result = min + source(max - min + 1);
    return { id: String(result), computed: { result } };
  },
  adopt: (given) => {
    const [result = "0", min = "0", max = "0", seed] = given.split(",");
    const inputs = { min: Number(min), max: Number(max), ...(seed === undefined ? {} : { seed }) };
    return { inputs, made: { id: result, computed: { result: Number(result) } } };
  },
};

const shuffle: Kind = {
  fields: {
    inputs: { type: "list", required: "The list of strings to shuffle." },
    keepers,
    resultCount: { type: "number" },
    seed: { type: "string" },
  },
  computes: ["results"],
  make: (inputs) => {
    const given = z
      .object({
        inputs: z.array(z.string()),
        resultCount: z.number().optional(),
        seed: z.string().optional(),
      })
      .parse(inputs);
    const source = given.seed === undefined ? machineSource : seededSource(given.seed);
    const count = given.inputs.length === 0 ? 0 : (given.resultCount ?? given.inputs.length);
    const results: string[] = [];
    while (results.length < count) results.push(...shuffled(given.inputs, source));
    return { id: "-", computed: { results: results.slice(0, count) } };
  },
};

/** Type tokens to resources. */
export const kinds: ReadonlyMap<string, Kind> = new Map([
  ["random:index/randomId:RandomId", id],
  ["random:index/randomInteger:RandomInteger", integer],
  ["random:index/randomPassword:RandomPassword", password],
  ["random:index/randomPet:RandomPet", pet],
  ["random:index/randomShuffle:RandomShuffle", shuffle],
  ["random:index/randomString:RandomString", string],
  ["random:index/randomUuid:RandomUuid", uuid],
]);
