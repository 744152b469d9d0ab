// The input of the host update: what the first shell that is here refuses, and what is refused before it is sent.
import assert from "node:assert/strict";
import { encodeHostInput, hostUpdateProblems } from "../../src/contracts/host-update";
import { holdToInputRules } from "./input";
import { quickest } from "../helpers/interpreters";
import { FRESH, FakeHost } from "../helpers/fake-host";

holdToInputRules(quickest());

/** A host that runs no script: its update is what is wanted. */
const hostOfNothing = (): FakeHost =>
  new FakeHost({
    name: "none",
    language: "sh",
    script: __filename,
    command: () => [],
    path: "",
  });

describe("encodeHostInput", () => {
  it("names what does not fit, and never a value", () => {
    const fakeHost = hostOfNothing();
    const spoilt = fakeHost.update({ keyId: "a b", content: "{}", deadlineSeconds: 1 });
    const [shape] = hostUpdateProblems(spoilt);
    assert.match(shape ?? "", /^keyId: /);
    assert.deepEqual(
      hostUpdateProblems({ ...spoilt, keyId: "k" }).map((one) => one.split(":")[0]),
      ["content", "deadlineSeconds"],
    );
    assert.throws(
      () => encodeHostInput(spoilt),
      (error: Error) => !error.message.includes(FRESH),
    );
    void fakeHost.end();
  });

  it("refuses to edit a value whose end, or whose place, the next run would not find", () => {
    const fakeHost = hostOfNothing();
    const faulty = (before: string, value: string, after: string) =>
      hostUpdateProblems(
        fakeHost.update({
          fileMode: "edit",
          before,
          value,
          after,
        }),
      ).map((one) => one.split(":")[0]);
    assert.deepEqual(faulty('key="', "ab", '"'), []);
    assert.deepEqual(faulty('key="', 'a"b', '"'), ["after"]);
    assert.deepEqual(faulty('key="', "ab-", "--"), ["after"]);
    assert.deepEqual(faulty("key:", "akey:b", ";"), ["before"]);
    assert.deepEqual(faulty("key:", "ake", "y:"), ["before"]);
    void fakeHost.end();
  });
});
