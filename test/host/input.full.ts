// What every interpreter but the one of input.test.ts refuses of its input.
import { holdToInputRules } from "./input";
import { interpreters, quickest } from "../helpers/interpreters";

for (const interpreter of interpreters())
  if (interpreter !== quickest()) holdToInputRules(interpreter);
