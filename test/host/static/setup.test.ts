// host/setup.ps1 where no PowerShell is: those of update.ps1's rules that any script keeps which 5.1 and 7 both run.
import assert from "node:assert/strict";
import { platformRules } from "./platforms";
import { rules } from "./rules";
import { hostText, parseScript } from "./script";

const KEPT = [
  "is parsed whole",
  "is plain ASCII",
  "compares text by ordinal only",
  "sets variables apart in texts",
  "defines each function once",
  "gives no parameter that 5.1 lacks",
  "calls nothing that .NET Framework lacks",
];

describe("setup.ps1, as text", () => {
  const all = { ...rules, ...platformRules };
  for (const law of KEPT) {
    it(law, async () => {
      const kept = all[law];
      assert(kept !== undefined);
      assert.notDeepEqual(kept.rule(await parseScript(kept.broken)), [], "the rule sees nothing");
      assert.deepEqual(kept.rule(await parseScript(hostText("setup.ps1"))), []);
    });
  }
});
