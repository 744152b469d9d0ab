// Errors in the shape that the vendor's plugin gives: `1 error occurred:`, a path, a summary, a cause.

/** One thing that went wrong: what was being done, at which property, and why it failed. */
export class Diagnostic extends Error {
  override readonly name = "Diagnostic";

  constructor(summary: string, options: { readonly path?: string; readonly cause?: unknown } = {}) {
    const { path, cause } = options;
    const place = path === undefined ? "" : `[${path}] `;
    super(`${place}${summary}${cause === undefined ? "" : `: ${textOf(cause)}`}`, { cause });
  }
}

/** The list that one diagnostic makes. */
export function oneError(error: unknown): string {
  return `1 error occurred:\n\t* ${textOf(error)}\n\n`;
}

/** Does something; a failure becomes a diagnostic with this summary. */
export async function attempt<T>(
  summary: string,
  action: () => Promise<T>,
  path?: string,
): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof Diagnostic) throw cause;
    throw new Diagnostic(summary, path === undefined ? { cause } : { path, cause });
  }
}

export function alreadyExists(resource: string, objectId: string): Diagnostic {
  return new Diagnostic(
    `A resource with the ID "${objectId}" already exists - to be managed via Terraform this resource ` +
      `needs to be imported into the State. Please see the resource documentation for "${resource}" ` +
      `for more information`,
  );
}

export function duplicateName(resource: string, objectId: string, name: string): Diagnostic {
  return new Diagnostic(
    `An existing resource with the name "${name}" was found (object ID "${objectId}") and ` +
      `\`prevent_duplicate_names\` is set - to be managed via Terraform that resource needs to be ` +
      `imported into the State. Please see the resource documentation for "${resource}" for more ` +
      `information`,
    { path: "name" },
  );
}

function textOf(error: unknown): string {
  if (error instanceof Error && error.name === "AbortError") return "context canceled";
  return error instanceof Error ? error.message : String(error);
}
