// When a host is looked at and its script copied: whenever its update will run, and never otherwise.
import assert from "node:assert/strict";
import { copyTrigger, lookAgain, lookDigest, updateDigest } from "../../../src/contracts/check-ssh";
import { LOOK } from "../../helpers/look";

const COMMAND = "sh keyturn/update.sh apply";
const DIGEST = updateDigest(COMMAND, "input");

describe("lookAgain", () => {
  it("counts nothing on a stack that has made no look yet", () => {
    assert.equal(lookAgain(undefined, DIGEST), undefined);
  });

  it("leaves the look of a former release alone while the update has nothing to do", () => {
    assert.equal(lookAgain({ again: 0, digest: DIGEST }, DIGEST), undefined);
  });

  it("keeps the count of a look that was made again while the update has nothing to do", () => {
    assert.equal(lookAgain({ again: 3, digest: DIGEST }, DIGEST), 3);
  });

  for (const [what, former] of [
    ["the update's input is another one", { again: 0, digest: updateDigest(COMMAND, "before") }],
    ["the update's command is another one", { again: 0, digest: updateDigest("other", "input") }],
    ["the update has never succeeded", { again: 0, digest: undefined }],
  ] as const) {
    it(`looks again when ${what}`, () => {
      assert.equal(lookAgain(former, DIGEST), 1);
    });
  }

  it("looks once more in each run until the update succeeds", () => {
    assert.equal(lookAgain({ again: 1, digest: undefined }, DIGEST), 2);
  });
});

describe("lookDigest", () => {
  for (const other of [
    { host: "sesar02" },
    { port: 2222 },
    { user: "service" },
    { hostKey: "ssh-ed25519 BBBB" },
    { attempt: "2" },
    { again: 1 },
    { scriptPath: "keyturn/update-01234567.sh" },
  ]) {
    it(`tells another ${Object.keys(other).join()}`, () => {
      assert.notEqual(lookDigest({ ...LOOK, ...other }), lookDigest(LOOK));
    });
  }

  it("depends neither on the key nor on the order in which a state keeps the input", () => {
    const reversed = Object.fromEntries(Object.entries(LOOK).reverse()) as typeof LOOK;
    assert.equal(lookDigest({ ...reversed, privateKey: "another" }), lookDigest(LOOK));
  });
});

describe("copyTrigger", () => {
  const digest = lookDigest(LOOK);

  it("tells from the first copy on why it is made", () => {
    assert.equal(copyTrigger(undefined, digest), digest);
    assert.equal(copyTrigger({ again: 0, digest: DIGEST }, digest), digest);
  });

  it("leaves the copy of a release that did not tell alone until the host is looked at again", () => {
    const former = { again: 0, digest: DIGEST, copiedWith: digest };
    assert.equal(copyTrigger(former, digest), undefined);
    const other = lookDigest({ ...LOOK, host: "sesar02" });
    assert.equal(copyTrigger(former, other), other);
  });
});
