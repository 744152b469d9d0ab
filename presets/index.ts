// The presets by the name that the config gives.
import type { Preset } from "../components/pure/preset";
import { generic } from "./generic";
import { sesar } from "./sesar";

export const presets: Readonly<Record<string, Preset>> = { generic, sesar };
