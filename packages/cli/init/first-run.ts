// What the first run will do, in words, before anybody runs it.
import { plan } from "../../../src/decide/plan";
import { CONFIG_KEYS } from "../../../src/config/keys";
import { presets } from "../../../src/presets";
import { type Answers, NEW_APPLICATION, hostOf } from "./questions";

/** @param today `YYYY-MM-DD`, UTC */
export function firstRun(answers: Answers, today: string): string[] {
  const { name = "", preset = "", anchor = "", application, consumer = "", host } = answers;
  const { every, overlap, lifetime, generation } = CONFIG_KEYS;
  const schedule = {
    name,
    anchor,
    every: every.default ?? "",
    overlap: overlap.default ?? "",
    lifetime: lifetime.default ?? "",
    generation: generation.default ?? 0,
  };
  const { target, nextRotation } = plan(today, schedule, undefined, []);
  const product = presets[preset];
  const isNew = application === NEW_APPLICATION;
  return [
    isNew
      ? `makes the application ${product?.applicationName ?? ""}, its permissions and its consent, and the vault`
      : `takes the application ${application ?? ""} over as it is, and makes the vault`,
    `issues the secret ${name} ${target.label}, valid until ${target.endDate.slice(0, 10)}, and signs in with it`,
    host === undefined
      ? `prints what a person has to do for ${consumer}, and waits for his word`
      : `stops and starts the service on ${host}, in the next moment that ${WINDOWS[hostOf(preset)?.window ?? "none"]}`,
    `then nothing until ${nextRotation}`,
  ];
}

const WINDOWS = {
  trace: "its trace calls safe",
  daily: "lies in its daily window",
  none: "comes, since every moment counts as safe",
} as const;
