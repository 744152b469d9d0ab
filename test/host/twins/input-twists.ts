// What may be otherwise in the input: its form, and each field's value.
import fc from "fast-check";
import { HOST_SECRET_FIELDS } from "../../../src/contracts/host-update";
import { configuration, FRESH, OTHER_WRITER } from "../../helpers/fake-host";
import type { Scene } from "./scene";
import { drawn, oneOf, type Twist } from "./twist";

const WORDS = ["consumer", "epoch", "keyId", "revision", "attempt", "writer"];
const NUMBERS = [
  "retry",
  "marginSeconds",
  "patienceSeconds",
  "settleSeconds",
  "stopTimeoutSeconds",
  "startTimeoutSeconds",
  "proofTimeoutSeconds",
  "deadlineSeconds",
  "deadManSeconds",
];
const TEXTS = ["traceDirectory", "tracePattern", "tracePrefix", "traceSuffix", "filePath"];
const LINES = [
  "service",
  "exitZeroFor",
  "formerWriters",
  "traceInstances",
  "failurePatterns",
  "successPatterns",
];
const COMMANDS = ["startCommand", "stopCommand", "statusCommand"];
const CHOICES = ["serviceManager", "fileMode", "window", "proofReencrypted", "proofSyncLine"];
const PLAIN = [...WORDS, ...NUMBERS, ...TEXTS, ...LINES, ...COMMANDS, ...CHOICES, "windowDaily"];
const FIELDS = [...PLAIN, ...HOST_SECRET_FIELDS];

const field = fc.constantFrom(...FIELDS);
const latin = (text: string) => Buffer.from(text, "latin1");
/** Replaces an encoded field's text. */
const encoded = (name: string, change: (value: string) => string) => (input: Buffer) =>
  latin(
    input
      .toString("latin1")
      .replace(new RegExp(`^${name}=(.*)$`, "m"), (_, value: string) => `${name}=${change(value)}`),
  );

const asText =
  (change: (text: string) => string) =>
  (scene: Scene): void =>
    void scene.spoils.push((input) => latin(change(input.toString("latin1"))));

const forms: Readonly<Record<string, (scene: Scene) => void>> = {
  "nothing at all": asText(() => ""),
  "another version": asText((t) => t.replace("update/1", "update/2")),
  "a first line alone": asText(() => "keyturn-update/1\n"),
  "a first line without its end": asText(() => "keyturn-update/1"),
  "an end line alone": asText(() => "end\n"),
  "a version line and an end line": asText(() => "keyturn-update/1\nend\n"),
  "an empty first line": asText((t) => `\n${t}`),
  "no end line": asText((t) => t.replace(/end\n$/, "")),
  "an end line without its line end": asText((t) => t.slice(0, -1)),
  "an end line with a space": asText((t) => t.replace(/end\n$/, "end \n")),
  "an End line": asText((t) => t.replace(/end\n$/, "End\n")),
  "a byte after the end": asText((t) => `${t}x`),
  "an empty line after the end": asText((t) => `${t}\n`),
  "a NUL after the end": asText((t) => `${t}\0`),
  "the whole input twice": asText((t) => t + t),
  "an empty line": asText((t) => t.replace("epoch=", "\nepoch=")),
  "a line of NULs": asText((t) => t.replace("epoch=", "\0\0\0\nepoch=")),
  "a NUL in the first line": asText((t) => t.replace("update/1", "update\0/1")),
  "a NUL in the end line": asText((t) => t.replace(/end\n$/, "en\0d\n")),
  "a NUL in a field's name": asText((t) => t.replace("epoch=", "ep\0och=")),
  "a byte that is not UTF-8 as a line": asText((t) => t.replace("epoch=", "\xff\nepoch=")),
  "a byte that is not UTF-8 in a name": asText((t) => t.replace("epoch=", "ep\xe9och=")),
  "CR LF line ends": asText((t) => t.replaceAll("\n", "\r\n")),
  "a CR in one line": asText((t) => t.replace("\nretry", "\r\nretry")),
  "an unknown field": asText((t) => t.replace(/end\n$/, "extra=eA==\nend\n")),
  "an empty name": asText((t) => t.replace(/end\n$/, "=eA==\nend\n")),
  "a name of two fields": asText((t) => t.replace(/end\n$/, "consumer epoch=\nend\n")),
  "a name with a glob": asText((t) => t.replace(/end\n$/, "*=\nend\n")),
  "a name of a variable": asText((t) => t.replace(/end\n$/, "PATH=eA==\nend\n")),
  "a field in capitals": asText((t) => t.replace("epoch=", "EPOCH=")),
  "a leading space": asText((t) => t.replace("epoch=", " epoch=")),
  "a line without =": asText((t) => t.replace(/end\n$/, "service\nend\n")),
  "a byte order mark": asText((t) => `\xef\xbb\xbf${t}`),
  "a stream that stays open": (scene) => (scene.open = scene.processOfItsOwn = true),
};

const spoiltFields: Readonly<Record<string, (value: string) => string>> = {
  "is gone without its padding": (value) => value.replace(/=+$/, ""),
  "has a padding too many": (value) => `${value}====`,
  "has padding alone": () => "====",
  "has one padding": () => "=",
  "has padding in its middle": (value) => `MA==${value}`,
  "has a space": (value) => `${value.slice(0, 2)} ${value.slice(3)}`,
  "has a space more": (value) => `${value} `,
  "has a NUL": (value) => `${value.slice(0, 2)}\0${value.slice(2)}`,
  "has a NUL for a letter": (value) => `${value.slice(0, 2)}\0${value.slice(3)}`,
  "has a foreign byte": (value) => `\xe9${value.slice(1)}`,
  "is of the other alphabet": () => "-_-_",
  "has bits behind its end": () => "MB==",
  "has bits behind its end of two": () => "MDF=",
  "has a tab": (value) => `${value}\t`,
};

/** Values for any field that is text. */
const odd = fc.constantFrom<string | Buffer>(
  "",
  " ",
  "a b",
  " x",
  "x ",
  "x\n",
  "\n",
  "a\nb",
  "a\n\nb",
  "\na",
  "x\r",
  "a\tb",
  "a\u0007b",
  "a\u007fb",
  "a\u0085b",
  "a\u0000b",
  "a\u2028b",
  "a\u202eb",
  "a\u00adb",
  "é",
  "É",
  "ﬁ",
  "i\u0307İı",
  "😀",
  "-x",
  "--help",
  "*",
  "[a-z]",
  "a\\b",
  "%s",
  "$(id)",
  "`id`",
  "'",
  '"',
  "&|;<>",
  "x".repeat(128),
  "x".repeat(129),
  "x".repeat(1024),
  "x".repeat(1025),
  "é".repeat(512),
  "é".repeat(513),
  Buffer.from([0xff]),
  Buffer.from([0x61, 0xc3]),
  Buffer.from([0xc0, 0xaf]),
  Buffer.from([0xed, 0xa0, 0x80]),
);

const numbers = fc.constantFrom(
  ..."0 1 2 00 01 -1 +1 1e3 0x10 1.0 999999 1000000 99999999999999999999 ١ 1\u00a0 \u22121".split(
    " ",
  ),
  "1 ",
  " 1",
  "1\n",
  "1\u0000",
  "",
);

const paths: Readonly<Record<string, (scene: Scene) => string>> = {
  "with a double slash": ({ home }) => `${home}//instance.json`,
  "with a dot": ({ home }) => `${home}/./instance.json`,
  "with two dots": ({ home }) => `${home}/../SESAR é/instance.json`,
  "with a last slash": ({ file }) => `${file}/`,
  "with a last dot": ({ file }) => `${file}.`,
  "with a last space": ({ file }) => `${file} `,
  "with a glob": ({ home }) => `${home}/*.json`,
  "with a quote": ({ home }) => `${home}/it's.json`,
  relative: () => "instance.json",
  "of a drive": () => "C:/instance.json",
  "the root": () => "/",
  "of a device": () => "/dev/null",
  "of nothing": ({ home }) => `${home}/none/instance.json`,
  "below the file": ({ file }) => `${file}/x`,
  "the home": ({ home }) => home,
};

const value = (name: string, values: fc.Arbitrary<string | Buffer>) =>
  drawn(`${name} is`, values, (scene, text) => scene.set(name, text));

const daily = fc.constantFrom(
  ..."00:00-23:59 00:00-00:00 23:59-00:00 24:00-01:00 00:00-24:00 0:00-1:00 00:00-23:60 00.00-23.59 00:00–23:59 ٠٠:٠٠-٢٣:٥٩".split(
    " ",
  ),
  "00:00-23:59\n",
  " 00:00-23:59",
  "",
);

/** The windows that need no trace, or another one. */
const windows: Readonly<Record<string, (scene: Scene) => void>> = {
  none: (scene) => scene.set("window", "none"),
  "daily, all day": (scene) => {
    scene.set("window", "daily");
    scene.set("windowDaily", "00:00-23:59");
    scene.set("marginSeconds", "0");
  },
  "none, without a trace": (scene) => {
    scene.set("window", "none");
    for (const name of [...TEXTS.slice(0, 4), "failurePatterns"]) scene.set(name, "");
    scene.set("proofSyncLine", "false");
  },
};

/** Every twist of the input. */
export const inputTwists: readonly fc.Arbitrary<Twist>[] = [
  oneOf("the input has", forms, (scene, form) => form(scene)),
  oneOf("the input has", forms, (scene, form) => form(scene)),
  drawn("the input is cut at", fc.integer({ min: 0, max: 3000 }), (scene, at) =>
    scene.spoils.push((input) => input.subarray(0, at)),
  ),
  drawn("the input lacks", field, (scene, name) => scene.fields.delete(name)),
  drawn("the input has twice", field, (scene, name) =>
    scene.spoils.push((input) => {
      const line = new RegExp(`^${name}=.*\n`, "m").exec(input.toString("latin1"))?.[0] ?? "";
      return latin(input.toString("latin1").replace(/end\n$/, `${line}end\n`));
    }),
  ),
  field.chain((name) =>
    oneOf(`the text of ${name}`, spoiltFields, (scene, change) =>
      scene.spoils.push(encoded(name, change)),
    ),
  ),
  fc.constantFrom(...WORDS).chain((name) => value(name, odd)),
  fc.constantFrom(...NUMBERS).chain((name) => value(name, numbers)),
  fc.constantFrom(...TEXTS).chain((name) => value(name, odd)),
  fc.constantFrom(...LINES).chain((name) => value(name, odd)),
  fc.constantFrom(...COMMANDS).chain((name) => value(name, odd)),
  fc
    .constantFrom(...CHOICES)
    .chain((name) =>
      value(
        name,
        fc.constantFrom(
          "",
          "true",
          "True",
          "true ",
          "TRUE",
          "launchd",
          "command",
          "edit",
          "content",
          "none",
          "daily",
          "trace",
          "Trace",
        ),
      ),
    ),
  value("windowDaily", daily),
  value("window", fc.constant("daily")),
  oneOf("the window is", windows, (scene, window) => window(scene)),
  oneOf("the file's path is", paths, (scene, path) => scene.set("filePath", path(scene))),
  value(
    "exitZeroFor",
    fc.constantFrom(
      "notNow",
      "alreadyAdopted",
      "notNow\nalreadyAdopted",
      "alreadyAdopted\n",
      "refused",
      "restored",
      "updated",
      "NotNow",
      "notNow ",
      "notNow\nrefused",
    ),
  ),
  value(
    "formerWriters",
    fc.constantFrom(OTHER_WRITER, `${OTHER_WRITER}\nx:y`, "a b", "x".repeat(129)),
  ),
  value(
    "value",
    fc.constantFrom<string | Buffer>("", "a\nb", "a\rb", "a\0b", Buffer.from([0xff, 0xfe]), "é"),
  ),
  drawn(
    "content is",
    fc.constantFrom(
      "",
      "{}",
      `\0${FRESH}`,
      FRESH,
      FRESH.replaceAll(/(?<=.)/g, "\0"),
      `${FRESH}\n`,
      configuration(FRESH) + "x".repeat(1_048_576),
      configuration("é"),
    ),
    (scene, text) => scene.set("content", text),
  ),
  value("successPatterns", fc.constantFrom("", "a\n", "Sync\nx", "é", ".*", "\n", "a\n\nb")),
  value(
    "failurePatterns",
    fc.constantFrom(
      "",
      "a\n",
      "AADSTS\nx",
      "x".repeat(1024),
      "é",
      "\\",
      "[",
      ".*",
      "ERROR AADSTS",
      `${"x".repeat(1023)}\n`.repeat(160),
    ),
  ),
];
