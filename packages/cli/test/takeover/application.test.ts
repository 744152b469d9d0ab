// Which application is looked at when the state is lost, and when that is for a person to say.
import assert from "node:assert/strict";
import { applicationOf } from "../../takeover/application";

const named = (clientId: string, ...secrets: string[]) => ({
  clientId,
  createdAt: "2026-05-01T00:00:00Z",
  secrets,
});
const of = (known: string, ...all: ReturnType<typeof named>[]) =>
  applicationOf("sesar", "SESAR", known, all);

describe("applicationOf", () => {
  it("takes the one that state or config has, and tells the config nothing", () => {
    assert.deepEqual(of("known"), { clientId: "known", isFound: false });
  });

  it("takes the only one of the name that has secrets of this credential's", () => {
    const found = of("", named("other", "by hand"), named("lost", "by hand", "sesar 2026-05"));
    assert.deepEqual(found, { clientId: "lost", isFound: true });
  });

  it("guesses none where two have, or none has", () => {
    const one = named("one", "sesar 2026-05");
    assert.throws(
      () => of("", one, named("two", "sesar 2026-11")),
      /one \(made .*two \(made .*bear the/,
    );
    assert.throws(
      () => of("", named("one", "by hand")),
      /one .*bears .*without a secret of sesar's/,
    );
  });

  it("says so where there is none", () => {
    assert.throws(() => of(""), /no application SESAR .*nothing to take over/);
  });
});
