// What a host's answer to the contract's check means before a rotation.
import assert from "node:assert/strict";
import type { HostReport } from "../../../../src/contracts/host-update";
import { hostFindings } from "../../doctor/host";

const READY: HostReport = {
  keyturn: "report/1",
  mode: "check",
  outcome: "ready",
  reason: "Apply would go on now.",
  remedy: "",
  problems: [],
  consumer: "sesar",
  epoch: "doctor",
  keyId: "doctor",
  revision: "r",
  attempt: "doctor",
  retry: 0,
  service: "SESAR",
  serviceState: "running",
  file: "/f",
  adoptedKeyId: null,
  restoredCount: 0,
  interrupted: null,
  nextSync: "2026-11-21T00:05:58Z",
  startedAt: "2026-11-21T00:00:00Z",
  finishedAt: "2026-11-21T00:00:01Z",
  milliseconds: 1,
  downtimeMilliseconds: 0,
  restarts: 0,
  phases: [],
};
const said = (changes: Partial<HostReport>): string[] =>
  hostFindings("sesar", { ...READY, ...changes }).map(({ level, says }) => `${level}: ${says}`);

describe("the doctor on a host", () => {
  it("says when the next sync is, whether this is a safe moment or not", () => {
    const next = "The next sync is announced for 2026-11-21T00:05:58Z.";
    assert.deepEqual(said({}), [`ok: Apply would go on now. ${next}`]);
    assert.deepEqual(said({ outcome: "notNow", reason: "A sync is near." }), [
      `ok: Not at this instant: A sync is near. ${next}`,
    ]);
    assert.deepEqual(said({ nextSync: null }), ["ok: Apply would go on now."]);
  });

  it("warns where an earlier update was interrupted", () => {
    assert.match(said({ interrupted: "stopping" })[0] ?? "", /^warning: .*its phase stopping/);
  });

  it("fails once for each problem, else for the reason, with the host's remedy", () => {
    const problems = ["The file is read-only.", "No trace."];
    assert.deepEqual(said({ outcome: "refused", problems }), [
      "fails: The file is read-only.",
      "fails: No trace.",
    ]);
    assert.deepEqual(said({ outcome: "refused", reason: "Stopped." }), ["fails: Stopped."]);
    const [found] = hostFindings("sesar", { ...READY, outcome: "refused", remedy: "Start it." });
    assert.equal(found?.remedy, "Start it.");
  });
});
