// What a key of a stack's config is, for a command.
import { CONFIG_KEYS } from "../../../src/config/keys";

/** The key's text, or its default: only a clone's Pulumi.yaml declares those, a project of one's own does not. */
export function configText(
  config: Readonly<Record<string, unknown>>,
  key: "name" | "overlap",
): string {
  const value: unknown = config[key] ?? CONFIG_KEYS[key].default;
  return String(value);
}
