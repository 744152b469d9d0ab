// A command line is seen by every process of its host, and stands in the engine's error when the command fails.
// In a preview a text with a secret is unknown: then it is judged by the resources that it comes from.
import { z } from "zod";
import { holdsSecret, isCommand, sourcesOf } from "../kinds";
import { ifSeen, readIndices, readKeys, readText } from "../reading";
import type { Subject } from "../rule";
import { defineRule } from "../rule";

const TEXTS = ["create", "update", "delete"] as const;

/** The shape of an Entra client secret, as secret scanners know it; and the head of a private key. */
const SECRET_SHAPE = /[\w~.-]{3}\dQ~[\w~.-]{31,}|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

export const remoteCommandKeepsSecretOffCommandLine = defineRule({
  id: "remoteCommandKeepsSecretOffCommandLine",
  severity: "critical",
  level: "mandatory",
  fault: "A secret must not be in a command's text, interpreter or environment.",
  remedy: "Give it on stdin.",
  config: z.object({}),
  resource(subject, { found, each }) {
    if (!isCommand(subject)) return;
    for (const [name, ...path] of placesOf(subject)) {
      // One by one: a text that is not known yet must not hide another.
      each([subject], () => {
        const text = readText(subject, name, ...path) ?? "";
        if (SECRET_SHAPE.test(text)) {
          found(subject, `${[name, ...path].join(".")} must not hold what has a secret's shape`);
        }
      });
    }
  },
  stack(subjects, { found, each }) {
    each(subjects.filter(isCommand), (subject) => {
      for (const input of [...TEXTS, "interpreter", "environment"]) {
        const [source] = sourcesOf(subject, input).filter(holdsSecret);
        if (source !== undefined) {
          found(subject, `${input} must not come from ${source.name}, which holds a secret`);
        }
      }
    });
  },
});

function placesOf(subject: Subject): [string, ...(string | number)[]][] {
  const environment = ifSeen(() => readKeys(subject, "environment")) ?? [];
  return [
    ...TEXTS.map((text): [string] => [text]),
    ...(ifSeen(() => readIndices(subject, "interpreter")) ?? []).map((part): [string, number] => [
      "interpreter",
      part,
    ]),
    ...environment.map((variable): [string, string] => ["environment", variable]),
  ];
}
