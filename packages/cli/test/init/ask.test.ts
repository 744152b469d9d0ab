// The questions of keyturn init: in order, with their defaults, until each answer is right; without a person, all at once.
import assert from "node:assert/strict";
import { type Asked, type Asker, type Finder, askAll } from "../../init/ask";
import { type Answers, type Known, NEW_APPLICATION } from "../../init/questions";
import { GUID, HOST_KEY, without } from "./fixtures";

const KNOWN: Known = { firstOfMonth: "2026-11-01" };
const found = (what: Partial<Known>): Finder => {
  return () => Promise.resolve(what);
};

/** Asks with the answers of a person, in order; an empty one takes the default. */
async function talk(
  said: readonly string[],
  given: Answers = {},
  what: Partial<Known> = {},
): Promise<{ asked: Asked; questions: string[]; printed: string[] }> {
  const left = [...said];
  const questions: string[] = [];
  const printed: string[] = [];
  const ask: Asker = (question, fallback) => {
    questions.push(`${question} [${fallback ?? ""}]`);
    const next = left.shift();
    assert(next !== undefined, `nobody answers: ${question}`);
    return Promise.resolve(next);
  };
  const asked = await askAll(given, KNOWN, found(what), ask, (line) => printed.push(line));
  return { asked, questions, printed };
}

describe("the questions of keyturn init", () => {
  it("take what is found for a default, and adopt before they make anew", async () => {
    const applications = [{ clientId: GUID, what: "SESAR, made 2024-01-01, 1 secrets" }];
    const what = { tenant: GUID, subscription: GUID, applications, shownHostKey: HOST_KEY };
    const { asked, printed } = await talk(
      ["", "", "", "", "rg", "", "", "", "", "h1", "", "", ""],
      {},
      what,
    );
    assert.deepEqual(asked.problems, undefined);
    assert.deepEqual("answers" in asked && asked.answers, {
      name: "sesar",
      preset: "sesar",
      tenant: GUID,
      subscription: GUID,
      resourceGroup: "rg",
      application: GUID,
      groups: "none",
      anchor: "2026-11-01",
      consumer: "sesar",
      host: "h1",
      user: "svc-keyturn",
      hostKey: HOST_KEY,
      filePath: "C:\\Secure Exchanges inc\\SESAR\\instance.json",
    });
    assert.deepEqual(printed, [`  found: ${GUID} (SESAR, made 2024-01-01, 1 secrets)`]);
  });

  it("show what Azure has, and take what is the only one for a default", async () => {
    const one = [{ id: GUID, name: "Production" }];
    for (const [name, what, wanted] of [
      ["subscription", { subscriptions: one }, GUID],
      ["subscription", { subscriptions: [...one, ...one] }, ""],
      ["subscription", { subscription: "mine", subscriptions: one }, "mine"],
      ["resourceGroup", { resourceGroups: ["rg-a"] }, "rg-a"],
      ["resourceGroup", { resourceGroups: ["rg-a", "rg-b"] }, ""],
      ["resourceGroup", { resourceGroups: undefined }, ""],
    ] as const) {
      const { questions } = await talk([GUID], without(name), what);
      assert(questions[0]?.endsWith(`[${wanted}]`), questions[0]);
    }
    const { printed } = await talk([GUID], without("subscription"), { subscriptions: one });
    assert.deepEqual(printed, [`  found: ${GUID} (Production)`]);
  });

  it("show no more than a dozen of what there is", async () => {
    const resourceGroups = Array.from({ length: 14 }, (_, index) => `rg-${index}`);
    const { printed } = await talk(["rg"], without("resourceGroup"), { resourceGroups });
    assert.equal(printed.length, 13);
    assert.equal(printed.at(-1), "  and 2 more");
  });

  it("offer the licence groups that there are, but none of several of a name", async () => {
    const named = (...names: string[]) => names.map((name) => ({ id: GUID, name }));
    for (const [groups, wanted] of [
      [named("Pro", "Eco"), `Pro=${GUID}, Eco=${GUID}`],
      [named("Pro", "Pro", "Eco"), `Eco=${GUID}`],
      [[], "none"],
      [undefined, "none"],
    ] as const) {
      const { asked, questions } = await talk([""], without("groups"), { groups });
      assert(questions[0]?.endsWith(`[${wanted}]`), questions[0]);
      assert.equal("answers" in asked && asked.answers.groups, wanted);
    }
    const { printed } = await talk(["Pro=5", "Pro", "none"], without("groups"));
    assert.equal(printed.length, 2);
    assert.match(printed[0] ?? "", /It must be "none", or pairs such as/);
  });

  it("are none about licence groups for a product that has none", async () => {
    const { questions } = await talk([], { ...without("groups"), preset: "generic" });
    assert.deepEqual(questions, []);
  });

  it("make an application by default only where it is known that there is none", async () => {
    for (const [applications, wanted] of [
      [[], NEW_APPLICATION],
      [undefined, ""],
      [["a", "b"].map((what) => ({ clientId: GUID, what })), ""],
    ] as const) {
      const { questions } = await talk([GUID], without("application"), { applications });
      assert.equal(questions.length, 1);
      assert(questions[0]?.endsWith(`[${wanted}]`), questions[0]);
    }
  });

  it("are asked again until the answer is right", async () => {
    const { asked, printed } = await talk(["here", "", GUID], without("tenant"));
    assert.equal("answers" in asked && asked.answers.tenant, GUID);
    assert.deepEqual(printed, ["  It must be a GUID.", "  It must be a GUID."]);
  });

  it("are none about a host for a product that people serve", async () => {
    const rest = without("host", "user", "hostKey", "filePath");
    const { asked, questions } = await talk([], { ...rest, preset: "ci-sync" });
    assert.deepEqual(questions, []);
    assert.equal("answers" in asked && asked.answers.host, undefined);
  });

  it("take no host key that nobody has compared", async () => {
    const shown = found({ shownHostKey: HOST_KEY });
    const asked = await askAll(without("hostKey"), KNOWN, shown, undefined, () => undefined);
    assert.deepEqual(
      asked.problems?.map(({ name }) => name),
      ["hostKey"],
    );
  });

  it("say all that is missing or wrong at once, where nobody is there to be asked", async () => {
    const wrong = { tenant: "x", hostKey: "ssh-rsa AAAA", filePath: "file.json" };
    const given = { ...without("resourceGroup"), ...wrong };
    const asked = await askAll(given, KNOWN, found({}), undefined, () => undefined);
    assert.deepEqual(
      asked.problems?.map(({ name }) => name),
      ["tenant", "resourceGroup", "hostKey", "filePath"],
    );
  });
});
