// Writes an edited settings file and lets the engine read it back: what the engine does not read so is put back.
import { isDeepStrictEqual } from "node:util";
import { withProgress } from "../progress";
import type { Project } from "./project";
import type { SettingsFile } from "./settings-file";

/** @param expected what the engine must read afterwards, by bare key; undefined for a key that is its default again */
export function writeSettings(
  project: Project,
  file: SettingsFile,
  expected: Readonly<Record<string, unknown>>,
): Promise<void> {
  return withProgress("Writing the settings", async () => {
    file.save();
    const wrong = await misread(project, expected).catch((error: unknown) => {
      file.restore();
      throw error;
    });
    if (wrong.length === 0) return;
    file.restore();
    throw new Error(
      `${project.settingsPath} was put back as it was: the engine did not read ${wrong.join(", ")} as written. Set it by hand with pulumi config set.`,
    );
  });
}

async function misread(
  project: Project,
  expected: Readonly<Record<string, unknown>>,
): Promise<string[]> {
  const read = await project.settings();
  return Object.keys(expected).filter(
    (key) => !isDeepStrictEqual(plain(read[key]), plain(expected[key])),
  );
}

/** The engine hands on scalars as texts. */
function plain(value: unknown): unknown {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}
