// Which consumers have a use for a one-time link.
import assert from "node:assert/strict";
import { linkStanding } from "../../decisions/link";
import { CI_SYNC, IN_FLIGHT, SECOND, SETTLED } from "../fixtures";

describe("linkStanding", () => {
  it("names the secret in flight, since when it is, and when the link ends", () => {
    const link = { linkId: "snappass1", linkExpires: "2026-11-08T00:00:00Z" };
    const standing = linkStanding({ ...CI_SYNC, ...link }, IN_FLIGHT);
    assert.equal(standing.keyId, SECOND.keyId);
    assert.equal(standing.since, "2026-11-01");
    assert.equal(standing.expires, link.linkExpires);
  });

  for (const [title, adopted, history] of [
    ["nothing is in flight", true, SETTLED],
    ["it holds the secret in flight, and another waits", true, IN_FLIGHT],
    ["nothing is recorded", false, undefined],
  ] as const) {
    it(`refuses when ${title}`, () => {
      assert.throws(
        () => linkStanding({ ...CI_SYNC, adopted }, history),
        /ci-sync waits for nothing/,
      );
    });
  }
});
