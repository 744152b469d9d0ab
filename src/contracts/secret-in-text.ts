// Whether a text of others holds a secret that they were given, as it is or in a simple encoding. Pure.

/** Letters and digits in a row that are enough to betray a secret. */
const PIECE = 16;
const LEAST = 6;

/**
 * Whether a text, or the JSON in it, holds a secret or a long piece of it: as it is, in base64 (both alphabets, at any
 * offset, of UTF-8 and of UTF-16 as PowerShell makes it), in hexadecimal, percent-encoded, each also backwards, in other
 * case, or with something put in between.
 */
export function holdsSecret(text: string, secret: string): boolean {
  if (secret === "") return false;
  const texts = [text, ...jsonTexts(text)];
  if (texts.some((one) => one.includes(secret))) return true;
  const squashed = texts.map(squash);
  const pieces = formsOf(secret).flatMap((form) => [form, backwards(form)].flatMap(piecesOf));
  return squashed.some((one) => pieces.some((piece) => one.includes(piece)));
}

function formsOf(secret: string): string[] {
  const bytes = [Buffer.from(secret, "utf8"), Buffer.from(secret, "utf16le")];
  const forms = [
    secret,
    encodeURIComponent(secret),
    ...bytes.map((one) => one.toString("hex")),
    ...bytes.flatMap((one) => [0, 1, 2].map((offset) => base64At(one, offset))),
    // A text that is turned around first, and encoded then.
    ...[0, 1, 2].map((offset) => base64At(Buffer.from(backwards(secret), "utf8"), offset)),
  ];
  return forms.map(squash).filter(({ length }) => length >= LEAST);
}

/** The digits that every base64 has which holds the bytes so many bytes behind a group's beginning. */
function base64At(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const whole = Math.floor(((offset + bytes.length) * 8) / 6);
  return encoded.slice(Math.ceil((offset * 8) / 6), whole);
}

function piecesOf(form: string): string[] {
  if (form.length <= PIECE) return [form];
  return Array.from({ length: form.length - PIECE + 1 }, (_, at) => form.slice(at, at + PIECE));
}

/** Letters and digits only, in one case: what is put in between, and an alphabet's other two digits, do not matter. */
function squash(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, "").toLowerCase();
}

function backwards(text: string): string {
  return Array.from(text).reverse().join("");
}

/** What the JSON in a text says once its escapes are read: keys and values in a row, and values alone. */
function jsonTexts(text: string): string[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  const values: string[] = [];
  const all: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        all.push(key);
        walk(inner);
      }
    } else {
      all.push(String(value));
      if (typeof value === "string") values.push(value);
    }
  };
  walk(json);
  return [all.join(""), values.join("")];
}
