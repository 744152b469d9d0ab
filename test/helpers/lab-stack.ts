// A rehearsal per describe block: a lab, a stack and a log of everything the engine printed, gone at the end.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, parseDocument, stringify } from "yaml";
import {
  Rehearsal,
  type RehearsalOptions,
  type StackOptions,
} from "../../packages/rehearsal/rehearsal";
import { runEngine } from "../../packages/cli/engine";
import {
  type ChangeSummary,
  EngineError,
  KeyturnStack,
  type OperationOptions,
} from "../../packages/cli/stack";
import { CLONE } from "./paths";

/** Whose azuread, command and random plugins these tests use: KEYTURN_PLUGINS=vendor takes the vendor's. */
export const PLUGINS = process.env["KEYTURN_PLUGINS"] === "vendor" ? "vendor" : "lab";

/** Room for the vendor's plugins, whose waits cannot be shortened. */
export const E2E_TIMEOUT_MS = PLUGINS === "vendor" ? 900_000 : 240_000;

export class LabStack {
  private constructor(
    readonly rehearsal: Rehearsal,
    readonly dir: string,
  ) {}

  /** All that the engine has printed so far. */
  printed = "";

  /** Without the policy pack but where a test asks for it: it costs each operation a third more. */
  static async open(options: RehearsalOptions = {}): Promise<LabStack> {
    const dir = mkdtempSync(join(tmpdir(), "keyturn-e2e-"));
    try {
      const rehearsal = await Rehearsal.start({
        policy: false,
        ...options,
        lab: { cycleSeconds: 6, ...options.lab, labDir: join(dir, "lab"), plugins: PLUGINS },
      });
      return new LabStack(rehearsal, dir);
    } catch (error) {
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Another stack on the same lab; closing the first one ends it too. */
  async beside(stackName: string, options: StackOptions): Promise<LabStack> {
    return new LabStack(await this.rehearsal.beside(stackName, options), this.dir);
  }

  /** Changes the stack's file as an engineer does; undefined takes the key out. */
  set(path: readonly (string | number)[], value: unknown): void {
    const { workspaceDir, stack } = this.rehearsal;
    const file = join(workspaceDir, `Pulumi.${stack.place.stackName}.yaml`);
    const document = parseDocument(readFileSync(file, "utf8"));
    if (value === undefined) document.deleteIn(["config", ...path]);
    else document.setIn(["config", ...path], value);
    writeFileSync(file, document.toString());
  }

  up(options: OperationOptions = {}): Promise<ChangeSummary> {
    return this.rehearsal.stack.up(this.noting(options));
  }

  preview(options: OperationOptions = {}): Promise<ChangeSummary> {
    return this.rehearsal.stack.preview(this.noting(options));
  }

  refresh(options: OperationOptions = {}): Promise<ChangeSummary> {
    return this.rehearsal.stack.refresh(this.noting(options));
  }

  destroy(options: OperationOptions & { excludeProtected?: boolean } = {}): Promise<void> {
    return this.rehearsal.stack.destroy(this.noting(options));
  }

  /** Takes the protection off everything, as an operator does who means to destroy. */
  async unprotect(): Promise<void> {
    await this.rehearsal.stack.unprotect();
  }

  /** The same for several keys. */
  configure(changes: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(changes)) this.set([key], value);
  }

  /** Names of resources that an operation would touch, with the operation: "create sesar-2027-05-password". */
  async changes(operation: "up" | "preview", options: OperationOptions = {}): Promise<string[]> {
    const seen = new Set<string>();
    await this[operation]({ ...options, onProgress: (message) => seen.add(message) });
    return [...seen].filter((message) => !message.startsWith("read ")).sort();
  }

  /** The same stack run by another program, as a mistake in the code would be. */
  withProgram(name: string, variables: Readonly<Record<string, string>> = {}): KeyturnStack {
    const { workspaceDir, stack } = this.rehearsal;
    const workDir = join(this.dir, `program-${name}`);
    cpSync(workspaceDir, workDir, { recursive: true });
    const file = join(workDir, "Pulumi.yaml");
    const project = parse(readFileSync(file, "utf8")) as object;
    const main = join(CLONE, "dist", "test", "e2e", "programs", `${name}.js`);
    writeFileSync(file, stringify({ ...project, main }));
    const environment = { ...stack.place.environment, ...variables };
    return new KeyturnStack({ ...stack.place, workDir, environment });
  }

  /** Runs an update that must fail; what the engine printed for the engineer. */
  async failingUp(): Promise<string> {
    try {
      await this.up();
    } catch (error) {
      if (error instanceof EngineError) return error.output;
      throw error;
    }
    throw new Error("The update must fail, and it succeeded.");
  }

  /** Puts another state in place, as `pulumi stack import` does by hand. */
  importState(state: string): Promise<string> {
    const { place } = this.rehearsal.stack;
    return runEngine(
      { environment: {}, ...place },
      ["stack", "import", "--stack", place.stackName],
      state,
    );
  }

  async history(): Promise<History> {
    return (await this.rehearsal.output("history")) as History;
  }

  async close(): Promise<void> {
    await this.rehearsal.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private noting<T extends OperationOptions>(options: T): T {
    return { ...options, onOutput: (text: string) => (this.printed += text) };
  }
}

/** The part of the output `history` that tests read. */
export interface History {
  readonly active?: { readonly label: string; readonly keyId: string };
  readonly inFlight?: { readonly label: string; readonly keyId: string };
  readonly retiring: readonly { readonly label: string; readonly keyId: string }[];
  readonly released: readonly { readonly label: string; readonly keyId: string }[];
}

/** Ends a lab even when a test of it failed. */
export function closing(labStack: () => LabStack | undefined): () => Promise<void> {
  return async () => {
    await labStack()?.close();
  };
}
