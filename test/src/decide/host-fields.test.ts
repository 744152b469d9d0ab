// What the contract is given of a preset's part for hosts: fields that an existing stack's input does not have stay away.
import assert from "node:assert/strict";
import { encodeHostInput } from "../../../src/contracts/host-update";
import {
  type HostRequest,
  hostCommand,
  hostFields,
  hostProblems,
} from "../../../src/decide/host-fields";
import { sesar } from "../../../src/presets/sesar";
import { wordsOf } from "../../../packages/lab/host/ssh/cmd/line";
import { keyId } from "./fixtures";

const request: HostRequest = {
  consumer: "sesar",
  epoch: "2026-05",
  keyId: keyId(1),
  revision: "1",
  attempt: "1",
  retry: 0,
  writer: "vault:sesar",
  value: "value",
  content: '{"AzureAD_Secret":"value"}',
};
const knowing = { ...sesar.host, successPatterns: ["Azure AD synchronised", "é"] };
const given = (host: typeof sesar.host): string =>
  /^successPatterns=(.*)$/m.exec(encodeHostInput(hostFields(host, request)))?.[1] ?? "none";

describe("hostFields", () => {
  it("leaves the signs of a successful sync out of the input where the product knows none", () => {
    assert.equal("successPatterns" in hostFields(sesar.host, request), false);
    assert.equal(given(sesar.host), "none");
  });

  it("hands them over where the config or the preset knows some", () => {
    assert.equal(
      Buffer.from(given(knowing), "base64").toString("utf8"),
      "Azure AD synchronised\né",
    );
  });
});

describe("hostProblems", () => {
  it("refuses a sign of a successful sync where there is no trace to find it in", () => {
    const untraced = { ...knowing, window: "none", proofSyncLine: false, traceDirectory: "" };
    assert.deepEqual(hostProblems({ ...sesar.host, ...untraced, window: "none" }), [
      "successPatterns: needs traceDirectory and tracePattern.",
    ]);
    assert.deepEqual(hostProblems(knowing), []);
  });
});

describe("hostCommand", () => {
  const paths = [
    "keyturn/update-1.ps1",
    "C:/ProgramData/Keyturn/update-1.ps1",
    "keyturn/update.sh",
  ];
  for (const interpreter of ["sh", "powershell"] as const) {
    for (const path of paths) {
      it(`means the same to cmd.exe as to sh: ${interpreter} ${path}`, () => {
        const command = hostCommand(interpreter, path, "check");
        const words = wordsOf(command, { ProgramData: "C:/ProgramData" });
        assert.deepEqual(words, command.split(" "));
        assert.deepEqual(words.slice(-2), [path, "check"]);
      });
    }
  }
});
