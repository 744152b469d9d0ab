// Looks at a consumer's host over the road that a rotation takes: the SSH server and its key, and then the contract's
// `check` by the script that an earlier run carried there. Nothing is carried to the host, neither secret nor file.
import { scriptPathOf } from "../../../src/contracts/check-ssh";
import { encodeHostInput, parseHostReport, reportLines } from "../../../src/contracts/host-update";
import { hostCommand, hostFields } from "../../../src/decide/host-fields";
import { InstanceFileError, editInstanceFile } from "../../../src/decide/instance-file";
import { harmless } from "../../../src/foreign-text";
import { reasonOf } from "../../../src/http/patient-reader";
import type { AutomaticConsumer, ConsumerSecrets } from "../../../src/keyturn-config";
import { readScripts } from "../../../src/observe/own-stack";
import { reach } from "../../../src/steps/check-ssh";
import { type Ended, runOverSsh } from "../../../src/steps/ssh-session";
import type { Facts } from "./facts";
import { type Finding, fails, notKnown, ok } from "./finding";
import { hostFindings } from "./host";
import { vaultNameIn } from "./read-azure";

/** One try: whoever asks now wants to know how it is now. */
const BOUNDS = { seconds: 15, tryingSeconds: 0 };
const CHECK_SECONDS = 60;
/** In the place of the secret and of the whole file: for a key id that nobody has, `check` compares neither with anything. */
const STAND_IN = "keyturn-doctor-stand-in";

/** The copy of the file, the road, and where that is open the contract's check. */
export async function readHostFindings(
  facts: Facts,
  consumer: AutomaticConsumer,
): Promise<Finding[]> {
  const secrets = await facts.secretsOf(consumer.name);
  return [
    ...(await fileFindings(facts, consumer, secrets)),
    ...(await roadFindings(facts, consumer, secrets)),
  ];
}

async function roadFindings(
  facts: Facts,
  consumer: AutomaticConsumer,
  secrets: ConsumerSecrets,
): Promise<Finding[]> {
  const { name, connection } = consumer;
  const check = `SSH to ${name}`;
  try {
    await reachHost(facts, consumer, secrets);
  } catch (error) {
    return [fails(check, reasonOf(error).replace(`${name}: `, ""), "")];
  }
  const { host, port, user } = connection;
  const road = ok(check, `${host}:${port} proves itself by hostKey and lets ${user} in.`);
  return [road, ...(await contractFindings(facts, consumer, secrets))];
}

async function contractFindings(
  facts: Facts,
  consumer: AutomaticConsumer,
  secrets: ConsumerSecrets,
): Promise<Finding[]> {
  const { name } = consumer;
  const check = `host ${name}`;
  try {
    const { path, ended } = await checkByContract(facts, consumer, secrets);
    return reportLines(ended.stdout).reports.length === 0
      ? [unreported(check, path, ended)]
      : hostFindings(name, parseHostReport(ended.stdout));
  } catch (error) {
    const why = `The contract's check has not come to an end: ${reasonOf(error)}.`;
    return [notKnown(check, why, "Run doctor again; see how busy the host is.")];
  }
}

/** How the contract's check ended, and the script's path on the host. */
export interface Checked {
  readonly path: string;
  readonly ended: Ended;
}

/** Has the script on the host make the contract's `check`. @throws Error when it does not come to an end */
export async function checkByContract(
  facts: Facts,
  { name, connection, host, retry }: AutomaticConsumer,
  { privateKey }: ConsumerSecrets,
): Promise<Checked> {
  const [config, vaultName] = await Promise.all([facts.config(), vaultNameIn(facts)]);
  const path = await scriptPathOn(facts, host);
  const word = "doctor";
  const writer = `${vaultName || "none"}:${config.name}`;
  const asked = { consumer: name, epoch: word, keyId: word, revision: word, attempt: word, retry };
  const input = encodeHostInput(
    hostFields(host, { ...asked, writer, value: STAND_IN, content: STAND_IN }),
  );
  const command = hostCommand(host.interpreter, path, "check");
  const ended = await runOverSsh({ ...connection, privateKey }, command, input, CHECK_SECONDS);
  return { path, ended };
}

/** Looks at the host as a run does before it carries the script there. @throws Error that says what is in the way */
export async function reachHost(
  facts: Facts,
  { name, connection, host, retry }: AutomaticConsumer,
  { privateKey }: ConsumerSecrets,
): Promise<void> {
  const scriptPath = await scriptPathOn(facts, host);
  const asked = { keyId: "", revision: "", attempt: "", retry, consumer: name, privateKey };
  return reach({ ...connection, ...asked, scriptPath }, BOUNDS);
}

async function scriptPathOn(facts: Facts, host: AutomaticConsumer["host"]): Promise<string> {
  const { consumers } = await facts.config();
  return scriptPathOf(host, readScripts(consumers)[host.interpreter] ?? "");
}

/** What of the given copy of the product's file a run would refuse, once it knows the client id. */
async function fileFindings(
  facts: Facts,
  { name, host }: AutomaticConsumer,
  { file = "" }: ConsumerSecrets,
): Promise<Finding[]> {
  if (host.fileMode !== "content") return [];
  const [{ tenantId }, clientId] = await Promise.all([facts.config(), facts.clientId()]);
  try {
    editInstanceFile(file, host, { clientId, tenantId, secret: STAND_IN });
    return [];
  } catch (error) {
    if (!(error instanceof InstanceFileError)) throw error;
    return [
      fails(
        `file of ${name}`,
        `consumerSecrets.${name}.file ${error.message}.`,
        "Set it again with `keyturn set-secrets`.",
      ),
    ];
  }
}

/** That the script says nothing, in words. */
export function noReport({ path, ended: { code, stderr } }: Checked): string {
  const said = harmless(stderr.trim().split("\n")[0] ?? "", 200);
  return `The script ${path} gives no report (exit code ${code ?? "none"}${said === "" ? "" : `: ${said}`})`;
}

/** A script that is not there is the first run's to carry. */
function unreported(check: string, path: string, ended: Ended): Finding {
  return notKnown(
    check,
    `${noReport({ path, ended })}: service, file and trace were not looked at.`,
    "Nothing before the first run, which carries the script there and checks all of it before it touches the service.",
  );
}
