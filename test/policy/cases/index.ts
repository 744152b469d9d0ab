// All cases of all rules.
import { applicationCases } from "./applications";
import { commandCases } from "./commands";
import { groupCases } from "./groups";
import { levelCases } from "./levels";
import { passwordCases } from "./passwords";
import { secretCases } from "./secrets";
import { settingsCases } from "./settings";

export const CASES = [
  ...settingsCases,
  ...passwordCases,
  ...levelCases,
  ...secretCases,
  ...applicationCases,
  ...groupCases,
  ...commandCases,
];
