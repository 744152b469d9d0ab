// One copy of a situation: a folder with the service's file, its trace and a service that is a puppet, and the input of
// the run. Twists (twists.ts) change it; two copies that the same twists changed differ in their paths only.
import { mkdirSync, mkdtempSync, writeFileSync, appendFileSync, copyFileSync } from "node:fs";
import { basename, join } from "node:path";
import { encodeHostInput, type HostUpdate } from "../../../src/contracts/host-update";
import { configuration, FORMER, FRESH, WRITER } from "../../helpers/fake-host";
import type { Interpreter } from "../../helpers/interpreters";
import { fixture } from "../../helpers/paths";

export const KEY_ID = "11111111-2222-3333-4444-555555555555";

/** The text around a time in the trace. */
export const PREFIX = "Sync next lookup at ";
export const SUFFIX = " ** You can stop the service before that time";

export class Scene {
  readonly folder: string;
  readonly home: string;
  readonly file: string;
  readonly state: string;
  readonly service: string;
  readonly trace: string;
  readonly script: string;

  mode: "apply" | "check" = "apply";
  /** How often the script is run with this input, one after the other. */
  runs = 1;
  /** The input's stream stays open behind its end. */
  open = false;
  /** The script is a process of its own: the situation is about its environment, its end or its streams. */
  processOfItsOwn = false;
  readonly environment: NodeJS.ProcessEnv = {};
  /** The input's fields, in order. */
  readonly fields: Map<string, Buffer>;
  /** What is done to the whole input, in order. */
  readonly spoils: ((input: Buffer) => Buffer)[] = [];

  /** @param now one instant for both copies, so that their traces are equal */
  constructor(
    readonly interpreter: Interpreter,
    root: string,
    readonly now: Date,
  ) {
    this.folder = mkdtempSync(join(root, "copy-"));
    this.home = join(this.folder, "Secure Exchanges inc", "SESAR é");
    this.file = join(this.home, "instance.json");
    this.state = `${this.file}.keyturn`;
    this.service = join(this.folder, "service");
    this.trace = this.tracePath(0);
    this.script = join(this.folder, basename(interpreter.script));
    mkdirSync(this.home, { recursive: true, mode: 0o755 });
    mkdirSync(this.service);
    copyFileSync(interpreter.script, this.script);
    copyFileSync(
      fixture(__dirname, "..", "fixtures", "puppet.sh"),
      join(this.service, "puppet.sh"),
    );
    writeFileSync(this.file, configuration(FORMER), { mode: 0o640 });
    writeFileSync(this.trace, this.traceLine(3600), { mode: 0o644 });
    const places = { file: this.file, trace: this.trace, home: this.home, state: this.state };
    this.option(
      "places",
      Object.entries(places)
        .map(([name, path]) => `${name}='${path}'\n`)
        .join(""),
    );
    this.option("state", "0\n");
    this.option("events", "");
    this.option("on-stop", ":\n");
    this.option("sync", this.traceLine(7200));
    this.option("on-start", 'cat "$here/sync" >>"$trace"\n');
    this.fields = fieldsOf(this.update());
  }

  option(name: string, value: string | Buffer): void {
    writeFileSync(join(this.service, name), value);
  }

  /** Adds to what the service does when it is stopped or started: lines of shell. */
  when(event: "on-stop" | "on-start", line: string): void {
    appendFileSync(join(this.service, event), `${line}\n`);
  }

  set(field: string, value: string | Buffer): void {
    this.fields.set(field, Buffer.from(value));
  }

  /** The trace of some months before this one. */
  tracePath(back: number): string {
    const at = new Date(Date.UTC(this.now.getUTCFullYear(), this.now.getUTCMonth() - back, 15));
    return join(this.home, `Trace_${at.getUTCFullYear()}_${at.getUTCMonth() + 1}.log`);
  }

  /** Local time some seconds from now, as the trace writes it; in UTC, which the runs have too unless a twist changes it. */
  time(seconds: number): string {
    return new Date(this.now.getTime() + seconds * 1000)
      .toISOString()
      .slice(0, 19)
      .replace("T", " ");
  }

  traceLine(seconds: number): string {
    return `${PREFIX}${this.time(seconds)}${SUFFIX}\r\n`;
  }

  makeState(mode = 0o700): void {
    mkdirSync(this.state, { mode });
  }

  /** The bytes of the standard input. */
  input(): Buffer {
    const lines = [...this.fields].map(([name, value]) => `${name}=${value.toString("base64")}\n`);
    const whole = Buffer.from(`keyturn-update/1\n${lines.join("")}end\n`);
    return this.spoils.reduce<Buffer>((input, spoil) => spoil(input), whole);
  }

  private update(): HostUpdate {
    const words = (action: string) => ["sh", join(this.service, "puppet.sh"), this.service, action];
    return {
      consumer: "sesar",
      epoch: "2026-05",
      keyId: KEY_ID,
      revision: "1",
      attempt: "1",
      retry: 0,
      exitZeroFor: [],
      writer: WRITER,
      formerWriters: [],
      serviceManager: "command",
      service: ["SESAR é"],
      startCommand: words("start"),
      stopCommand: words("stop"),
      statusCommand: words("status"),
      filePath: this.file,
      fileMode: "content",
      content: configuration(FRESH),
      before: "",
      after: "",
      value: FRESH,
      window: "trace",
      traceDirectory: this.home,
      tracePattern: "Trace_YYYY_M.log",
      tracePrefix: PREFIX,
      traceSuffix: SUFFIX,
      traceInstances: [],
      failurePatterns: ["AADSTS7000215"],
      windowDaily: "",
      marginSeconds: 600,
      patienceSeconds: 1,
      stopTimeoutSeconds: 3,
      startTimeoutSeconds: 3,
      proofReencrypted: false,
      proofSyncLine: true,
      settleSeconds: 0,
      proofTimeoutSeconds: 3,
      deadlineSeconds: 600,
      deadManSeconds: 300,
    };
  }
}

/** The fields as encodeHostInput writes them. */
function fieldsOf(update: HostUpdate): Map<string, Buffer> {
  const lines = encodeHostInput(update).split("\n").slice(1, -2);
  return new Map(
    lines.map((line) => {
      const equals = line.indexOf("=");
      return [line.slice(0, equals), Buffer.from(line.slice(equals + 1), "base64")];
    }),
  );
}
