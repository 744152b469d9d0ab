// Where a script cannot be put from Windows: the command plugin makes the folders of a host by the rules of the machine that it
// runs on, and there it makes one folder with backslashes in its name out of several (pulumi-command issue 888).
import type { Consumer, ConsumerValues } from "../keyturn-config";
import type { Problem } from "../problems";

/** A problem for each host with sh whose script would not be where its command looks for it. */
export function scriptDirectoryProblems(
  consumers: readonly Consumer[],
  given: readonly ConsumerValues[],
  onWindows: boolean,
): Problem[] {
  return consumers.flatMap((consumer): Problem[] => {
    if (!onWindows || consumer.kind !== "automatic" || consumer.host.interpreter !== "sh")
      return [];
    const { scriptDirectory } = consumer.host;
    if (!scriptDirectory.includes("/")) return [];
    return [
      {
        subject: `consumers[${given.findIndex(({ name }) => name === consumer.name)}].overrides.scriptDirectory`,
        rule:
          "must be one folder below the user's home, without a slash, where Keyturn runs on Windows and the host does not: " +
          "the command plugin would turn the slashes into backslashes of the folder's name",
        given: scriptDirectory,
        remedy: "Set it to keyturn in Pulumi.<stack>.yaml, or run Keyturn on Linux or macOS.",
      },
    ];
  });
}
