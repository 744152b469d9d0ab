// Ids of the plugin's resources: eight hexadecimal digits, after the resource's name for commands.
import { randomBytes } from "node:crypto";

export function uniqueId(prefix: string): string {
  return `${prefix}${randomBytes(4).toString("hex")}`;
}
