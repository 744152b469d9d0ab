// Where this clone is, from the sources and from dist/ alike.
import { basename, dirname, join } from "node:path";

const parent = dirname(__dirname);

/** The clone's root folder. */
export const CLONE = basename(parent) === "dist" ? dirname(parent) : parent;

/** Folder of the rehearsal's workspace within the lab's folder. */
export const WORKSPACE = "project";

/** The stack of a rehearsal: the committed Pulumi.dev.yaml. */
export const REHEARSAL_STACK = "dev";

/** Path of the compiled program. */
export const PROGRAM = join(CLONE, "dist", "index.js");
