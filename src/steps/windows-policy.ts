// Whether a Windows host lets the update script run. A policy of the machine's or the user's is stronger than
// `-ExecutionPolicy Bypass`, and the script says nothing then; so PowerShell itself is asked, over the look's connection.
const MARK = "keyturn-policy";
/** A line for a PowerShell. */
export const POLICY_QUESTION = `"${MARK} $(Get-ExecutionPolicy) $($ExecutionContext.SessionState.LanguageMode)"`;
/** Anywhere in the output: a profile, or a terminal's own characters, may stand before it. */
const ANSWER = new RegExp(`${MARK} (\\w+) (\\w+)`);

/** The execution policies that refuse the script, in lower case, each with how the way out begins. */
const WAYS: Readonly<Record<string, string>> = {
  allsigned:
    "Sign host/update.ps1 in the program's folder with a certificate that the host trusts (Set-AuthenticodeSignature), or have",
  restricted: "Have",
};

/** What a host's PowerShell says of itself. */
export interface ScriptPolicy {
  /** As `Get-ExecutionPolicy` gives it, all scopes weighed. */
  readonly execution: string;
  readonly language: string;
}

/** A host's answer; undefined where there is none in what it printed. */
export function policyIn(said: string): ScriptPolicy | undefined {
  const [, execution, language] = ANSWER.exec(said) ?? [];
  return execution === undefined || language === undefined ? undefined : { execution, language };
}

/** Why the update script cannot run under a policy, and what to do; undefined when it can. */
export function policyProblem(where: string, policy: ScriptPolicy): string | undefined {
  const { execution, language } = policy;
  const way = WAYS[execution.toLowerCase()];
  if (way !== undefined) {
    return (
      `${where} must let the update script run, but a policy there (${execution}, which no option of ours is above) ` +
      `refuses it. ${way} the policy lifted for this host; Get-ExecutionPolicy -List on it shows where it is set.`
    );
  }
  if (!/^FullLanguage$/i.test(language)) {
    return (
      `${where} must run PowerShell in FullLanguage mode, but runs it in ${language} (AppLocker or App Control for ` +
      `Business), in which the update script cannot work. Allow the script there by its publisher or its folder.`
    );
  }
  return undefined;
}
