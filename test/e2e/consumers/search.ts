// The search for leaks in the world of one scene: every value that was ever secret in the lab, links included.
import { type Leak, leaksIn, leaksInFolder } from "../leaks";
import type { Scene } from "../harness";

/** What was found in prints, files, outputs (links left out) and state; and for how many values it was searched. */
export async function searchForLeaks(
  scene: Scene,
): Promise<{ readonly values: number; readonly leaks: readonly Leak[] }> {
  const { control, stack } = scene.rehearsal;
  const deployer = (await control.environment())["ARM_CLIENT_SECRET"];
  const values = (await control.secretValues()).filter((value) => value !== deployer);
  const { links, ...outputs } = await stack.outputs();
  const hidden = links === undefined || links.secret;
  return {
    values: values.length,
    leaks: [
      ...(hidden ? [] : [{ where: "links is not secret", which: 0 }]),
      ...leaksIn("printed", scene.printed, values),
      ...leaksIn("outputs", JSON.stringify(outputs), values),
      ...leaksIn("state", await stack.exportState(), values),
      ...leaksInFolder(scene.dir, values),
    ],
  };
}
