// Where the rehearsal has its things.
import { join } from "node:path";
import { CLONE } from "../cli/clone";

/** Folder of the rehearsal's workspace within the lab's folder. */
export const WORKSPACE = "project";

/** The stack of a rehearsal: the committed Pulumi.dev.yaml. */
export const REHEARSAL_STACK = "dev";

/** Path of the compiled program. */
export const PROGRAM = join(CLONE, "dist", "index.js");
