// What the Windows cases run on: Windows with each of its PowerShells, or Wine with the Windows build of one.
import { FakeWindowsHost } from "./fake-windows-host";
import { powershells, type Interpreter } from "./interpreters";
import { FakeWineHost } from "./wine/fake-wine-host";
import { Wine, withoutWine } from "./wine/wine";
import { buildWindowsPrograms, type WindowsPrograms, withoutPrograms } from "./windows-programs";

export interface WindowsMachine {
  readonly name: string;
  readonly isWine: boolean;
  /** Why it cannot be had here; undefined when it can. */
  readonly absent?: string;
  begin(): Promise<void>;
  /** A host for one case. */
  host(): FakeWindowsHost;
  end(): Promise<void>;
}

export function windowsMachines(): readonly WindowsMachine[] {
  return process.platform === "win32" ? powershells().map(onWindows) : [underWine()];
}

function onWindows(interpreter: Interpreter): WindowsMachine {
  let programs: WindowsPrograms | undefined;
  return {
    name: interpreter.name,
    isWine: false,
    ...reason(interpreter.absent ?? withoutPrograms()),
    begin: () => {
      programs = buildWindowsPrograms();
      return Promise.resolve();
    },
    host: () => new FakeWindowsHost(interpreter, begun(programs)),
    end: () => {
      programs?.remove();
      return Promise.resolve();
    },
  };
}

function underWine(): WindowsMachine {
  let programs: WindowsPrograms | undefined;
  let wine: Wine | undefined;
  return {
    name: "PowerShell 7 for Windows under Wine",
    isWine: true,
    ...reason(withoutWine() ?? withoutPrograms()),
    begin: async () => {
      programs = buildWindowsPrograms();
      wine = new Wine();
      await wine.begin(programs);
    },
    host: () => new FakeWineHost(begun(wine), begun(programs)),
    end: async () => {
      await wine?.end();
      programs?.remove();
    },
  };
}

const reason = (absent: string | undefined): { absent?: string } =>
  absent === undefined ? {} : { absent };

function begun<T>(what: T | undefined): T {
  if (what === undefined) throw new Error("The machine has not begun.");
  return what;
}
