// An input that comes slowly, as over a line that hesitates: before its first byte, in the middle of a line, at the bounds of
// pipes and buffers, before its end. What arrives is every byte of it, or the run is refused; it is never a part.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { encodeHostInput } from "../../src/contracts/host-update";
import { configuration, FRESH, FakeHost } from "../helpers/fake-host";
import { ALL_SHELLS, interpreters } from "../helpers/interpreters";

/** People report that a shell at the other end of OpenSSH loses input now and then, so once shows little. */
const RUNS = ALL_SHELLS ? 30 : 1;
const SIZES = [40_000, 200_000];
const PAUSE_MS = 300;

for (const interpreter of interpreters()) {
  describe(`an input that comes slowly on ${interpreter.name}`, function () {
    this.timeout(RUNS * 60_000);
    if (interpreter.absent !== undefined) {
      it(`is not run: ${interpreter.absent}`);
      return;
    }
    for (const size of SIZES) {
      it(`arrives whole, with ${size / 1000} KB of file, ${RUNS === 1 ? "once" : `${RUNS} times`}`, async () => {
        for (let run = 0; run < RUNS; run += 1) {
          const fakeHost = new FakeHost(interpreter);
          try {
            await fakeHost.begin();
            const content = `${configuration(FRESH)}${" ".repeat(size)}\r\n`;
            const child = fakeHost.start("apply");
            const [{ report, stderr }] = await Promise.all([
              fakeHost.finish(child),
              writeSlowly(child, encodeHostInput(fakeHost.update({ content }))),
            ]);
            assert.equal(report?.outcome, "updated", report?.reason ?? stderr);
            const [, encrypted = ""] = readFileSync(fakeHost.file, "utf8").split("ENC:");
            assert.equal(Buffer.from(encrypted, "base64").toString(), content);
          } finally {
            await fakeHost.end();
          }
        }
      });
    }

    it("is refused, with nothing touched, when its stream ends within it", async () => {
      const fakeHost = new FakeHost(interpreter);
      try {
        await fakeHost.begin();
        const former = readFileSync(fakeHost.file);
        const input = encodeHostInput(fakeHost.update());
        for (const part of [
          input.slice(0, -"end\n".length),
          input.slice(0, input.length / 2),
          "",
        ]) {
          const child = fakeHost.start("apply");
          const [{ report }] = await Promise.all([
            fakeHost.finish(child),
            writeSlowly(child, part),
          ]);
          assert.equal(report?.outcome, "refused", report?.reason);
        }
        assert.deepEqual(readFileSync(fakeHost.file), former);
        assert.deepEqual(fakeHost.events(), []);
      } finally {
        await fakeHost.end();
      }
    });
  });
}

/** Writes a text with a pause before it, in it and behind it. */
async function writeSlowly({ stdin }: ChildProcess, text: string): Promise<void> {
  assert(stdin !== null);
  const cuts = [0, 7, 4095, 4097, 65_536, 65_537, text.length - 5, text.length - 1, text.length];
  const at = [...new Set(cuts.filter((cut) => cut >= 0 && cut <= text.length))];
  for (const [index, cut] of at.entries()) {
    await pause(PAUSE_MS);
    stdin.write(text.slice(cut, at[index + 1] ?? text.length));
  }
  stdin.end();
}
