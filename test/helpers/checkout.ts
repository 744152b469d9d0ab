// A pipeline's own checkout of this repository with a production stack's settings in it, and its scripts run there as the
// pipeline's system would run them.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { parseDocument } from "yaml";
import { type PipelineName, type Script, scriptsOf } from "../pipelines/scripts";
import type { LabStack } from "./lab-stack";
import { CLONE } from "./paths";
import { signInJob, tellingNpm } from "./pipeline-sign-in";

/** What one script came to. */
export interface ScriptEnd {
  readonly code: number | null;
  /** Standard output and standard error, in this order. */
  readonly printed: string;
}

/** Whether a script is the one that rotates. */
const isMain = ({ text: script }: Script): boolean => /npm run keyturn -- run /.test(script);

const DAY_LENGTH = 10;
/** What is made in a clone, by its builds, its tests or its people. */
const MADE = /^(node_modules|dist|\.git|\.lab|\.toolchain|Pulumi\.dev\.yaml)$|\.log$/;

/** The stack that both files name. */
export const STACK = "production";

/** Of the lab's deploying identity. */
const IDENTITY = new Set([
  "ARM_CLIENT_ID",
  "ARM_CLIENT_SECRET",
  "ARM_SUBSCRIPTION_ID",
  "ARM_TENANT_ID",
]);

/** What the one job hands to the other. */
const ARTIFACT = "keyturn.tgz";

export class Checkout {
  /** Where the job with the identity works, on what the other job has made. */
  readonly folder: string;
  /** The system's own folder for what lives as long as a job. */
  private readonly temp: string;
  /** Where the job without it works. */
  private readonly sources: string;
  private readonly scripts: readonly Script[];

  /**
   * A copy of this clone in the lab stack's folder, with its settings; made by the first pipeline, and checked out again by
   * another.
   */
  constructor(
    private readonly labStack: LabStack,
    private readonly pipeline: PipelineName,
    /** Fields of the preset that differ for the one consumer. */
    overrides: Readonly<Record<string, unknown>>,
  ) {
    this.temp = join(labStack.dir, "temp");
    this.folder = join(this.temp, "keyturn");
    this.sources = join(labStack.dir, "checkout");
    this.scripts = scriptsOf(pipeline);
    const source = (file: string): boolean => file === CLONE || !MADE.test(basename(file));
    mkdirSync(this.temp, { recursive: true });
    cpSync(CLONE, this.sources, { recursive: true, filter: source });
    const settings = `Pulumi.${STACK}.yaml`;
    const given = readFileSync(join(labStack.rehearsal.workspaceDir, settings), "utf8");
    const document = parseDocument(given);
    for (const [field, value] of Object.entries(overrides)) {
      document.setIn(["config", "keyturn:consumers", 0, "overrides", field], value);
    }
    writeFileSync(join(this.sources, settings), document.toString(), { mode: 0o600 });
  }

  /** All scripts of both jobs, in order; after one that fails only those that run always. */
  async everyScript(): Promise<ScriptEnd> {
    let [printed, code]: [string, number | null] = ["", 0];
    let carried = false;
    this.beginPage();
    for (const script of this.scripts) {
      if (script.job === "rotate" && !carried) {
        this.carry();
        carried = true;
      }
      if (code !== 0 && !script.always) continue;
      const end = await this.run(script);
      printed += end.printed;
      if (code === 0) code = end.code;
    }
    return { code, printed };
  }

  /** The script that rotates: on a later day the build is the same, and making it anew shows nothing more. */
  async mainScript(): Promise<ScriptEnd> {
    const script = this.scripts.find(isMain);
    if (script === undefined) throw new Error(`The pipeline for ${this.pipeline} runs nothing.`);
    this.beginPage();
    return this.run(script);
  }

  /** GitHub shows what each of a job's steps has written, one after the other. */
  private beginPage(): void {
    writeFileSync(this.pagePath, "");
  }

  /** As each system does it: what the build left, in a folder in which nothing else is. */
  private carry(): void {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    renameSync(join(this.temp, ARTIFACT), join(this.folder, ARTIFACT));
  }

  /** A file that the last run left. */
  left(name: string): string {
    return readFileSync(join(this.folder, "keyturn-run", name), "utf8");
  }

  /** The page that GitHub shows for a run. */
  get summaryPage(): string {
    return readFileSync(this.pagePath, "utf8");
  }

  /** What a person does by hand beside the pipeline. */
  pulumi(...args: readonly string[]): string {
    return execFileSync("pulumi", [...args], {
      cwd: this.folder,
      env: this.environment({}, true, {}),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Begins a job of a stack and signs it in; the variables that its steps have by that. */
  signIn(stack: string = STACK): Promise<Readonly<Record<string, string>>> {
    const evaluate = (text: string): string => this.evaluated(text, "the sign-in", stack);
    return signInJob(this.labStack.rehearsal, this.pipeline, evaluate);
  }

  private async run(script: Script): Promise<ScriptEnd> {
    if (isMain(script)) await this.setPolicyDay();
    const signedIn = isMain(script) ? await this.signIn() : {};
    const file = join(this.labStack.dir, `${this.pipeline}-step.sh`);
    writeFileSync(file, script.text);
    // As each system does it: only on GitHub does the first line that fails end the step.
    const flags = this.pipeline === "github" ? ["-e"] : ["--noprofile", "--norc"];
    const child = spawn("bash", [...flags, file], {
      cwd: script.job === "build" ? this.sources : this.folder,
      env: this.environment(script.env, isMain(script), signedIn),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, errors, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null]>,
    ]);
    return { code, printed: out + errors };
  }

  /** In the file that the pipeline names: on the lab, on the lab's day. A production stack runs by the machine's. */
  private async setPolicyDay(): Promise<void> {
    const { now } = await this.labStack.rehearsal.control.clock();
    const file = join(this.folder, "pipelines", "policy.json");
    const { packSettings, ...levels } = JSON.parse(readFileSync(file, "utf8")) as {
      packSettings: object;
    };
    const today = now.slice(0, DAY_LENGTH);
    writeFileSync(
      file,
      JSON.stringify({ ...levels, packSettings: { ...packSettings, lab: true, today } }),
    );
  }

  private get pagePath(): string {
    return join(this.labStack.dir, `${this.pipeline}-summary-page.md`);
  }

  /** The system's own variables, the step's with their expressions evaluated, and where the lab is in place of Azure. */
  private environment(
    step: Readonly<Record<string, string>>,
    deploys: boolean,
    signedIn: Readonly<Record<string, string>>,
  ): NodeJS.ProcessEnv {
    // The folder and the stack come from the checkout and the script, not from the lab's workspace.
    const { PULUMI_OPTION_CWD, PULUMI_STACK, ...lab } = this.labStack.rehearsal.environment;
    if (PULUMI_OPTION_CWD === undefined || PULUMI_STACK === undefined)
      throw new Error("The lab's workspace names its folder and its stack no more. Look here.");
    const evaluated = Object.entries(step).map(([name, value]) => [
      name,
      this.evaluated(value, name),
    ]);
    // Who signs in is the pipeline's business: its file names the identity, its system's step proves it.
    const rest = Object.fromEntries(
      Object.entries(lab).filter(([name]) => !IDENTITY.has(name)),
    ) as Record<string, string>;
    return {
      ...process.env,
      // The packages are those of this clone, which npm has just fetched.
      npm_config_prefer_offline: "true",
      ...(this.pipeline === "github"
        ? { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: this.pagePath, RUNNER_TEMP: this.temp }
        : { TF_BUILD: "True", AGENT_TEMPDIRECTORY: this.temp }),
      ...(Object.fromEntries(evaluated) as Record<string, string>),
      // What installs and builds has the network for itself: the lab's proxy lets nothing out.
      ...(deploys ? rest : {}),
      ...signedIn,
      ...(deploys ? { PATH: tellingNpm(join(this.labStack.dir, "telling"), rest["PATH"]) } : {}),
    };
  }

  /** A text of the pipeline's files with the values of its expressions. */
  private evaluated(text: string, where: string, stack: string = STACK): string {
    const lab = this.labStack.rehearsal.environment;
    const values: Readonly<Record<string, string>> = {
      "matrix.stack": stack,
      KEYTURN_STACK: stack,
      "vars.AZURE_CLIENT_ID": lab["ARM_CLIENT_ID"] ?? "",
      "vars.AZURE_TENANT_ID": lab["ARM_TENANT_ID"] ?? "",
      "vars.AZURE_SUBSCRIPTION_ID": lab["ARM_SUBSCRIPTION_ID"] ?? "",
      ARM_SUBSCRIPTION_ID: lab["ARM_SUBSCRIPTION_ID"] ?? "",
      "vars.PULUMI_BACKEND_URL": lab["PULUMI_BACKEND_URL"] ?? "",
      PULUMI_BACKEND_URL: lab["PULUMI_BACKEND_URL"] ?? "",
      "vars.AZURE_STORAGE_ACCOUNT": "",
      AZURE_STORAGE_ACCOUNT: "",
      "parameters.stack": stack,
      "runner.temp": this.temp,
    };
    return text.replace(
      /\$\{\{\s*(\S+)\s*\}\}|\$\(([\w.]+)\)/g,
      (_all, github?: string, azure?: string) => {
        const found = values[github ?? azure ?? ""];
        if (found === undefined)
          throw new Error(`No value for the expression in ${where}: ${text}`);
        return found;
      },
    );
  }
}
