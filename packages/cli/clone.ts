// Where this clone is, from the sources and from dist/ alike.
import { basename, dirname } from "node:path";

const parent = dirname(dirname(__dirname));

/** The clone's root folder. */
export const CLONE = basename(parent) === "dist" ? dirname(parent) : parent;
