// The environment in which `pulumi` works by hand on a kept lab, as lines for a POSIX shell.
// The deploying identity's secret is never printed: it is fetched where the lines are evaluated, if it is needed.

/** Names whose value is a secret, and are given as a command that fetches it. */
const SECRET_NAMES: ReadonlySet<string> = new Set(["ARM_CLIENT_SECRET"]);

/** @param binFolders folders that go first on PATH */
export function exportLines(
  environment: Readonly<Record<string, string>>,
  binFolders: readonly string[],
): string {
  const lines = Object.entries(environment).map(([name, value]) =>
    SECRET_NAMES.has(name)
      ? `export ${name}="$(npm run --silent lab -- deployer-secret)"`
      : `export ${name}=${quote(value)}`,
  );
  return [...lines, `export PATH=${binFolders.map(quote).join(":")}:"$PATH"`].join("\n");
}

/** One word of a POSIX shell, whatever it holds. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
