// The presets by the name that the config gives.
import type { Preset } from "./preset";
import { ciSync } from "./ci-sync";
import { empowerCloud } from "./empower-cloud";
import { empowerSelfHosted } from "./empower-self-hosted";
import { generic } from "./generic";
import { sesar } from "./sesar";

export const presets: Readonly<Record<string, Preset>> = {
  sesar,
  "ci-sync": ciSync,
  "empower-self-hosted": empowerSelfHosted,
  "empower-cloud": empowerCloud,
  generic,
};
