// Puts a secret into the product's own JSON file and changes nothing else: byte order mark, line ends, comments
// and layout stay. No error here holds a text of the file, which carries private keys.
import type { Node, ParseError } from "jsonc-parser";
import { parseTree } from "jsonc-parser";

/** The names of the keys in the product's file, and how many instances it holds. */
export interface InstanceKeys {
  readonly secretKey: string;
  readonly clientIdKey: string;
  readonly tenantIdKey: string;
  /** Instances that sign in with this credential. */
  readonly ownInstances: number;
  /** Instances in the file that sign in with another credential. */
  readonly otherInstances: number;
}

/** What the file is to hold. */
export interface InstanceValues {
  readonly clientId: string;
  readonly tenantId: string;
  readonly secret: string;
}

/** A Key Vault secret holds at most 25,000 bytes. */
export const VAULT_SECRET_BYTES = 25_000;
const ROOM_FOR_VALUES = 200;
const BYTE_ORDER_MARK = "\uFEFF";

interface Instance {
  readonly secret: Node;
  readonly clientId: Node | undefined;
  readonly tenantId: Node | undefined;
}

/** What is wrong with the given file, as far as can be said without the client id. */
export function instanceFileProblem(text: string, keys: InstanceKeys): string | undefined {
  const bytes = Buffer.byteLength(text, "utf8");
  if (bytes > VAULT_SECRET_BYTES - ROOM_FOR_VALUES) {
    return tooLong(VAULT_SECRET_BYTES - ROOM_FOR_VALUES, bytes);
  }
  try {
    const found = instances(text, keys).length;
    const { secretKey, ownInstances, otherInstances } = keys;
    if (found !== ownInstances + otherInstances) return countProblem(found, keys, secretKey);
  } catch (error) {
    return error instanceof InstanceFileError ? error.message : "must be readable JSON";
  }
  return undefined;
}

/** The file is written whole: two stacks that each write it from a copy of their own would undo each other. */
function countProblem(found: number, { ownInstances, otherInstances }: InstanceKeys, key: string) {
  const others =
    "the file is written whole, and each other instance gets what this copy says of it";
  return [
    `holds ${key} ${found} times, and the config counts ${ownInstances} (ownInstances) and ${otherInstances} (otherInstances)`,
    `Count them right: ${others}`,
    "Raise ownInstances for one that signs in with this credential too, otherInstances for one whose secret is changed by hand, in this copy too",
    "One that another stack rotates must not be in it: give both instances one credential, or use file mode edit",
  ].join(". ");
}

/**
 * Returns the file with the secret in place, and with client id and tenant id where they were empty.
 * @throws InstanceFileError unless exactly the credential's own instances are meant
 */
export function editInstanceFile(text: string, keys: InstanceKeys, values: InstanceValues): string {
  if (!/^[\x21-\x7e]+$/.test(values.secret) || /["'\\]/.test(values.secret)) {
    throw new InstanceFileError(
      "is not edited: a secret value must hold no space, quotation mark or line break. Rotate again",
    );
  }
  const edits = choose(instances(text, keys), keys, values.clientId).flatMap((found) => [
    { node: found.secret, value: values.secret },
    ...filled(found.clientId, values.clientId, keys.clientIdKey),
    ...filled(found.tenantId, values.tenantId, keys.tenantIdKey),
  ]);
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  const body = edits
    .sort((a, b) => b.node.offset - a.node.offset)
    .reduce(
      (result, { node, value }) =>
        result.slice(0, node.offset) +
        JSON.stringify(value) +
        result.slice(node.offset + node.length),
      text.slice(mark.length),
    );
  const edited = mark + body;
  const bytes = Buffer.byteLength(edited, "utf8");
  if (bytes > VAULT_SECRET_BYTES) throw new InstanceFileError(tooLong(VAULT_SECRET_BYTES, bytes));
  return edited;
}

function tooLong(most: number, bytes: number): string {
  return `must fit into a Key Vault secret: at most ${most} bytes, got ${bytes}. Shorten it, or use file mode edit, which keeps no copy`;
}

/** The file cannot be edited; the message is the predicate of a sentence about the file. */
export class InstanceFileError extends Error {
  public override readonly name = "InstanceFileError";
}

/** What fills an id that is empty; nothing when it is there. */
function filled(node: Node | undefined, value: string, key: string): Edit[] {
  if (node === undefined || same(node, value)) return [];
  if (node.value === "") return [{ node, value }];
  throw new InstanceFileError(
    `holds another ${key} than this credential's ${value}. Put that one there, or empty it and it is filled`,
  );
}

interface Edit {
  readonly node: Node;
  readonly value: string;
}

function choose(all: readonly Instance[], keys: InstanceKeys, clientId: string): Instance[] {
  const { ownInstances } = keys;
  if (all.length === ownInstances) return [...all];
  const ours = all.filter(({ clientId: node }) => node !== undefined && same(node, clientId));
  if (ours.length === ownInstances) return ours;
  const must = ownInstances === 1 ? "one" : String(ownInstances);
  throw new InstanceFileError(
    `holds ${keys.secretKey} ${all.length} times, and ${ours.length} of them beside ${keys.clientIdKey} ${clientId}. Exactly ${must} must have it. Put it beside the secret that is meant, in the copy`,
  );
}

function instances(text: string, keys: InstanceKeys): Instance[] {
  const errors: ParseError[] = [];
  const body = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  const root = parseTree(body, errors, { allowTrailingComma: true });
  if (root === undefined || errors.length > 0) {
    throw new InstanceFileError(
      "must be the unencrypted JSON file, but is no JSON. Give the copy that was kept at the installation",
    );
  }
  const found = [...objects(root)].flatMap((object) =>
    children(object, keys.secretKey).map((secret) => ({
      secret,
      clientId: children(object, keys.clientIdKey)[0],
      tenantId: children(object, keys.tenantIdKey)[0],
    })),
  );
  if (found.length === 0) {
    throw new InstanceFileError(`must hold ${keys.secretKey} with a text, but does not. Add it`);
  }
  return found;
}

function* objects(node: Node): Generator<Node> {
  if (node.type === "object") yield node;
  for (const child of node.children ?? []) yield* objects(child);
}

function children(object: Node, key: string): Node[] {
  return (object.children ?? []).flatMap((property) => {
    const [name, value] = property.children ?? [];
    return name?.value === key && value?.type === "string" ? [value] : [];
  });
}

function same(node: Node, text: string): boolean {
  return String(node.value).toLowerCase() === text.toLowerCase();
}
