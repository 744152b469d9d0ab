// Tells the lab how whoever runs this is signed in, by its own environment: the vendors' plugins would inherit that from the engine,
// and the lab's stand-ins, which run already, cannot.
import { LabControl } from "../../packages/lab/control-client";

const SIGN_IN = /^(?:ARM_|ACTIONS_ID_TOKEN_|SYSTEM_)/;

const told = Object.entries(process.env).flatMap(([name, value]) =>
  SIGN_IN.test(name) && value !== undefined ? [[name, value]] : [],
);
LabControl.fromFile(process.env["KEYTURN_LAB_CONTROL"] ?? "")
  .signInBy(Object.fromEntries(told) as Record<string, string>)
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
