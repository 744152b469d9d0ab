// SESAR's own users and their licences, kept in users.json; a user's event logs are files of their own.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** The names that the vendor asks for, byte for byte. */
export const LICENCE_ROOT = "SecureExchanges_Licences";
export const NO_LICENCE = "No_Licence";
/** Of several groups the first counts; which one the vendor takes is not known. */
export const LICENCE_GROUPS = [NO_LICENCE, "Advanced", "Pro", "Eco"] as const;

export interface DirectoryUser {
  readonly userObjectId: string;
  readonly userPrincipalName: string;
  readonly timeZone: string;
}

/** What one reading of the directory found. */
export interface DirectoryReading {
  readonly users: readonly DirectoryUser[];
  /** Object ids of the members, by licence group; a group that is not there is not in it. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface LicensedUser extends DirectoryUser {
  readonly licence: string | null;
}

export class Licences {
  private readonly path: string;
  private readonly logs: string;

  /** @param folder the instance's own folder. */
  constructor(folder: string) {
    this.path = join(folder, "users.json");
    this.logs = join(folder, "event-logs");
    mkdirSync(this.logs, { recursive: true });
  }

  /** Creates new users and follows the groups. A user in no group keeps the licence that he has. */
  apply(reading: DirectoryReading): { readonly created: number; readonly logsDeleted: number } {
    const before = new Map(this.users().map((user) => [user.userObjectId, user]));
    const after = new Map(before);
    let created = 0;
    let logsDeleted = 0;
    for (const user of reading.users) {
      const known = before.get(user.userObjectId);
      const group = LICENCE_GROUPS.find((name) =>
        reading.members.get(name)?.has(user.userObjectId),
      );
      const held = known?.licence ?? null;
      const licence = group === undefined ? held : group === NO_LICENCE ? null : group;
      after.set(user.userObjectId, { ...user, licence });
      if (known === undefined) created += 1;
      if (group === NO_LICENCE) {
        if (existsSync(this.logOf(user.userObjectId))) logsDeleted += 1;
        // For good, as the vendor warns.
        rmSync(this.logOf(user.userObjectId), { force: true });
      } else if (known === undefined) this.log(user.userObjectId, "created");
      else if (licence !== held) this.log(user.userObjectId, `licence ${String(licence)}`);
    }
    this.save([...after.values()]);
    return { created, logsDeleted };
  }

  users(): readonly LicensedUser[] {
    try {
      return JSON.parse(readFileSync(this.path, "utf8")) as readonly LicensedUser[];
    } catch {
      return [];
    }
  }

  private log(userObjectId: string, event: string): void {
    appendFileSync(this.logOf(userObjectId), `${new Date().toISOString()} ${event}\n`);
  }

  private logOf(userObjectId: string): string {
    return join(this.logs, `${userObjectId}.log`);
  }

  private save(users: readonly LicensedUser[]): void {
    writeFileSync(`${this.path}.next`, JSON.stringify(users, undefined, 1));
    renameSync(`${this.path}.next`, this.path);
  }
}
