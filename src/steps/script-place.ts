// Whether the update script's place on a host is closed to others. Whoever may write there is given the secret and runs as the
// connection's user; the script asks the same of itself, but only once it is there, and after Entra has issued a secret.
const MARK = "keyturn-place";
/** SYSTEM, Administrators, TrustedInstaller. */
const TRUSTED_SIDS = [
  "S-1-5-18",
  "S-1-5-32-544",
  "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
];

/** One of the places, as the host's own `ls -ldn` or access list shows it. */
export interface Place {
  readonly what: "file" | "folder" | "folder above it";
  /** Type and mode, number of the owner, number of the group. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/** What a host that is not Windows says: its user, and each place that is there already. */
export interface PosixPlaces {
  /** Number of the user, number of the user's group, and whether that group bears the user's own name. */
  readonly user: string;
  readonly group: string;
  readonly ownGroup: boolean;
  readonly places: readonly Place[];
}

/** The path is made of A-Z a-z 0-9 . _ - / : only, so that no shell takes it for anything else. */
const posixQuestion = (path: string): string => `LC_ALL=C
export LC_ALL
own=no
[ "$(id -gn)" = "$(id -un)" ] && own=yes
echo "${MARK} user $(id -u) $(id -g) $own"
at=$(cd "${folderOf(path)}" 2>/dev/null && pwd -P) || at=
show() { [ -z "$2" ] || echo "${MARK} $1 $(ls -ldn "$2" 2>/dev/null)"; }
if [ -n "$at" ]; then
  show file "$at/${path.slice(path.lastIndexOf("/") + 1)}"
  show folder "$at"
  show above "\${at%/*}/"
fi`;

/**
 * Who may write, delete or change rights, generic rights too; what is only inherited further counts further down. One line:
 * of several lines PowerShell's standard input wants an empty one more.
 */
const windowsQuestion = (path: string): string => {
  const each = [
    `$acl = Get-Acl -LiteralPath $one[1]`,
    `$open = @($acl.GetOwner($sid).Value) + @($acl.GetAccessRules($true, $true, $sid) | Where-Object { [string]$_.AccessControlType -eq 'Allow' -and ([int]$_.PropagationFlags -band 2) -eq 0 -and ([int]$_.FileSystemRights -band 0x500D0156) -ne 0 } | ForEach-Object { $_.IdentityReference.Value })`,
    `$open = @($open | Where-Object { $trusted -notcontains $_ } | Select-Object -Unique)`,
    `'${MARK} ' + $one[0] + ' ' + ($open -join ',') + ' .'`,
  ];
  const lines = [
    `$sid = [Security.Principal.SecurityIdentifier]`,
    `$trusted = @(${TRUSTED_SIDS.map((one) => `'${one}'`).join(", ")}, [Security.Principal.WindowsIdentity]::GetCurrent().User.Value)`,
    `foreach ($one in @(@('file', '${path}'), @('folder', '${folderOf(path)}'))) { if (Test-Path -LiteralPath $one[1]) { ${each.join("; ")} } }`,
  ];
  return lines.join("; ");
};

/** The path of a script for sh; any other is for PowerShell. */
export const POSIX = /\.sh$/;

/** What the interpreter of a script is asked about its place. */
export function placeQuestion(path: string): string {
  return POSIX.test(path) ? posixQuestion(path) : windowsQuestion(path);
}

/** A clause for each place that is open to others, by the answer to {@link placeQuestion}. */
export function openPlaces(path: string, said: string): string[] {
  return POSIX.test(path) ? openTo(parsePosix(said)) : openOnWindows(said);
}

/** The sentence that makes of them; undefined where nothing is open, or nothing is there yet: the script still asks itself. */
export function placeProblem(
  where: string,
  path: string,
  open: readonly string[],
): string | undefined {
  if (open.length === 0) return undefined;
  const closed = POSIX.test(path)
    ? "that user (host/setup.sh does it)"
    : "SYSTEM, Administrators and that user (host/setup.ps1 does it)";
  return (
    `${where} must keep the update script where nobody else may write, but ${open.join(", and ")}. Whoever can write there is ` +
    `given the secret and runs as the connection's user. Make ${folderOf(path)} on the host anew, closed to all but ${closed}.`
  );
}

/** A host's answer; anything else that it prints, a profile's greeting too, is left out. */
export function parsePosix(said: string): PosixPlaces | undefined {
  const [, user, group, own] = new RegExp(`${MARK} user (\\d+) (\\d+) (yes|no)`).exec(said) ?? [];
  if (user === undefined || group === undefined) return undefined;
  const line = new RegExp(
    `${MARK} (file|folder|above) ([-a-z]\\S{9,10}) +\\d+ +(\\d+) +(\\d+) `,
    "g",
  );
  const places = [...said.matchAll(line)].map(
    ([, what, mode = "", owner = "", of = ""]): Place => ({
      what: what === "file" || what === "folder" ? what : "folder above it",
      mode,
      owner,
      group: of,
    }),
  );
  return { user, group, ownGroup: own === "yes", places };
}

/**
 * A clause for each place that another than root and the user owns or may write: host/CONTRACT.md section 1. The group of the
 * user's own name has nobody else in it; what stands in a sticky folder is its owner's.
 */
export function openTo(host: PosixPlaces | undefined): string[] {
  if (host === undefined) return [];
  return host.places.flatMap(({ what, mode, owner, group }) => {
    const isSticky = /^d.{8}[tT]/.test(mode);
    const mayGroup = mode[5] !== "w" || group === "0" || (host.ownGroup && group === host.group);
    const closed =
      mode.startsWith(what === "file" ? "-" : "d") &&
      ["0", host.user].includes(owner) &&
      (isSticky ? what === "folder above it" : mode[8] !== "w" && mayGroup);
    return closed ? [] : [`its ${what} there is ${mode} of user ${owner}, group ${group}`];
  });
}

/** A clause for each place that others may write: their security identifiers, as the host gives them. */
export function openOnWindows(said: string): string[] {
  const line = new RegExp(`${MARK} (file|folder) (S-[-0-9,S]+) \\.`, "g");
  return [...said.matchAll(line)].map(
    ([, what, who = ""]) => `its ${what} there is written or owned by ${who.replaceAll(",", ", ")}`,
  );
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";
