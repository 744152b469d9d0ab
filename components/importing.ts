// How a resource that exists already is taken over.

/** The option by which the engine takes over what exists; of no effect once it has. */
export function importing(id: string | undefined): { readonly import?: string } {
  return id === undefined || id === "" ? {} : { import: id };
}
