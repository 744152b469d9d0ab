// The cases of host/CONTRACT.md that are about who writes the file: two that write one file, one of them whole from a
// copy of its own, would put back each other's former secrets.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostUpdate } from "../../src/contracts/host-update";
import { type Case, byEditing, notReencrypting } from "./cases";
import { FRESH, OTHER_WRITER, type FakeHost } from "../helpers/fake-host";

const byAnother = {
  writer: OTHER_WRITER,
  keyId: "22222222-2222-3333-4444-555555555555",
} as const satisfies Partial<HostUpdate>;
const whole = {
  fileMode: "content",
  before: "",
  after: "",
} as const satisfies Partial<HostUpdate>;
const restarted = ["stop", "start"];
const refused = {
  outcome: "refused",
  code: 20,
  events: restarted,
  holds: FRESH,
} as const satisfies Partial<Case>;
const updatedAgain = {
  outcome: "updated",
  code: 0,
  events: [...restarted, ...restarted],
} as const satisfies Partial<Case>;

/** As it was written before the journal named writers. */
const adoptedByNobody = (fakeHost: FakeHost): void => {
  fakeHost.makeState();
  const words = "some-key 1 2026-05 2026-01-01T00:00:00Z";
  writeFileSync(
    join(fakeHost.state, "journal"),
    `keyturn-journal/1\nadopted ${words}\nphase closed some-key 1 0 2026-01-01T00:00:00Z\n`,
  );
};

export const writers: readonly Case[] = [
  {
    law: "refuses a file that another has written whole, and names it",
    before: [byAnother],
    ...refused,
    says: `was last written by ${OTHER_WRITER} (file mode content)`,
  },
  {
    law: "says so in a check",
    before: [byAnother],
    mode: "check",
    ...refused,
    says: "two that write one file undo each other",
  },
  {
    law: "refuses to edit a file that another has written whole",
    given: notReencrypting,
    before: [{ ...byAnother, ...whole }],
    input: byEditing,
    ...refused,
    says: "(file mode edit)",
  },
  {
    law: "refuses to write a file whole that another has edited",
    given: notReencrypting,
    before: [{ ...byAnother, ...byEditing }],
    input: { proofReencrypted: false },
    ...refused,
    says: "(file mode edit), and this is",
  },
  {
    law: "edits a file that another has edited",
    given: notReencrypting,
    before: [{ ...byAnother, ...byEditing }],
    input: byEditing,
    ...updatedAgain,
  },
  {
    law: "takes the file over from one that writes it no more",
    before: [{ writer: OTHER_WRITER, revision: "0" }],
    input: { formerWriters: ["kv-office:archive", OTHER_WRITER] },
    ...updatedAgain,
  },
  {
    law: "refuses nobody where the journal names no writer",
    given: adoptedByNobody,
    outcome: "updated",
    code: 0,
  },
];
