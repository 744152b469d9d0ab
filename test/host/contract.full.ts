// The host contract on every interpreter but the one of contract.test.ts.
import { holdToContract } from "./contract";
import { interpreters, quickest } from "../helpers/interpreters";

for (const interpreter of interpreters())
  if (interpreter !== quickest()) holdToContract(interpreter);
