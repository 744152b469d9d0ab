// Puts a secret into the product's own JSON file and changes nothing else: byte order mark, line ends, comments
// and layout stay. No error here holds a text of the file, which carries private keys.
import type { Node, ParseError } from "jsonc-parser";
import { parseTree } from "jsonc-parser";

/** The names of the keys in the product's file. */
export interface InstanceKeys {
  readonly secretKey: string;
  readonly clientIdKey: string;
  readonly tenantIdKey: string;
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
    instances(text, keys);
  } catch (error) {
    return error instanceof InstanceFileError ? error.message : "must be readable JSON";
  }
  return undefined;
}

/**
 * Returns the file with the secret in place, and with client id and tenant id where they were empty.
 * @throws InstanceFileError unless exactly one place is meant
 */
export function editInstanceFile(text: string, keys: InstanceKeys, values: InstanceValues): string {
  if (!/^[\x21-\x7e]+$/.test(values.secret) || /["'\\]/.test(values.secret)) {
    throw new InstanceFileError(
      "is not edited: a secret value must hold no space, quotation mark or line break. Rotate again",
    );
  }
  const found = choose(instances(text, keys), keys, values.clientId);
  const edits: { node: Node; value: string }[] = [{ node: found.secret, value: values.secret }];
  for (const [node, value, key] of [
    [found.clientId, values.clientId, keys.clientIdKey],
    [found.tenantId, values.tenantId, keys.tenantIdKey],
  ] as const) {
    if (node === undefined || same(node, value)) continue;
    if (node.value !== "") {
      throw new InstanceFileError(
        `holds another ${key} than this credential's ${value}. Put that one there, or empty it and it is filled`,
      );
    }
    edits.push({ node, value });
  }
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

function choose(all: readonly Instance[], keys: InstanceKeys, clientId: string): Instance {
  const [only, ...others] = all;
  if (only !== undefined && others.length === 0) return only;
  const ours = all.filter(({ clientId: node }) => node !== undefined && same(node, clientId));
  const [match, ...more] = ours;
  if (match === undefined || more.length > 0) {
    throw new InstanceFileError(
      `holds ${keys.secretKey} ${all.length} times, and ${ours.length} of them beside ${keys.clientIdKey} ${clientId}. Exactly one must have it`,
    );
  }
  return match;
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
