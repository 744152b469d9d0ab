// A Windows host for one case, under Wine: the same service and the same laws, with paths of this machine's drive Z:.
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { chmodSync, lstatSync } from "node:fs";
import { basename } from "node:path";
import { FakeWindowsHost } from "../fake-windows-host";
import type { WindowsPrograms } from "../windows-programs";
import { processesWith, windowsPath, type Wine } from "./wine";

export class FakeWineHost extends FakeWindowsHost {
  override readonly environment: NodeJS.ProcessEnv;

  constructor(
    private readonly wine: Wine,
    programs: WindowsPrograms,
  ) {
    super(wine.interpreter, programs);
    this.environment = wine.environment;
    this.option("file", windowsPath(this.file));
    this.option("trace", windowsPath(this.home));
    // Wine makes a new file readable by everyone, and an access list that says less does not change it.
    chmodSync(this.file, 0o644);
  }

  override pathFor(path: string): string {
    return windowsPath(path);
  }

  override sc(...words: string[]): string {
    return this.wine.run("sc.exe", words);
  }

  override start(
    mode: string,
    environment: NodeJS.ProcessEnv = {},
  ): ChildProcessWithoutNullStreams {
    return super.start(mode, { ...this.environment, ...environment });
  }

  protected override startHolder(words: readonly string[]): ChildProcessWithoutNullStreams {
    return this.wine.spawn(this.programs.hold, words);
  }

  override tasks(): readonly string[] {
    return this.wine.tasks();
  }

  /** Wine makes an access list of the mode, and a mode of an access list: what all others may do, and the owner, stay. */
  override access(): string {
    const { mode, uid } = lstatSync(this.file);
    return `${mode & 0o6} ${uid}`;
  }

  /** The PowerShell itself: the child is the program that waits for it. */
  override kill(): void {
    this.end9("apply");
  }

  override endSwitch(): void {
    this.end9("deadman");
  }

  private end9(mode: string): void {
    for (const pid of processesWith("pwsh.exe", basename(this.folder), mode)) {
      process.kill(pid, "SIGKILL");
    }
  }
}
