// The people around a service that nothing can be written for, and the service itself: somebody opens the link or reads
// the vault, puts the value in, and the service signs in with it until it gets another.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "../../packages/lab/shared/https";
import type { ManualOutcome } from "../../src/decide/outcome";
import { LabStack } from "./lab-stack";

const USER_AGENT = "a-service-that-people-serve";

/** A stack with one consumer, which people serve and which is called as its preset; nothing is deployed yet. */
export async function stackServedByPeople(
  preset: string,
  now: string,
  config: Readonly<Record<string, unknown>> = {},
): Promise<LabStack> {
  return LabStack.open({
    lab: { now, host: false },
    consumers: {},
    config: {
      "keyturn:name": preset,
      "keyturn:preset": preset,
      "keyturn:consumers": [{ name: preset }],
      ...config,
    },
  });
}

/** A service that signs in with the secret that people gave it, and whatever people do for it. */
export class People {
  /** Sign-ins that were refused. */
  refused: string[] = [];
  signIns = 0;
  private secret = "";

  constructor(
    readonly labStack: LabStack,
    readonly consumer: string,
    /** Where the service signs in from. */
    private readonly address?: string,
  ) {}

  /** The service does its work once. */
  async signIn(): Promise<void> {
    if (this.secret === "") return;
    const clientId = String(await this.labStack.rehearsal.output("clientId"));
    const { status, text } = await this.token(clientId, this.secret, "graph");
    this.signIns += 1;
    if (status !== 200) this.refused.push(`${status} ${text.slice(0, 120)}`);
  }

  /** What the stack says about the consumer. */
  async outcome(): Promise<ManualOutcome> {
    const outcomes = (await this.labStack.rehearsal.output("consumers")) as ManualOutcome[];
    const found = outcomes.find(({ name }) => name === this.consumer);
    if (found === undefined) throw new Error(`${this.consumer} is not among the outputs.`);
    return found;
  }

  async link(): Promise<string | undefined> {
    const links = (await this.labStack.rehearsal.output("links")) as Record<string, string>;
    return links[this.consumer];
  }

  /** Opens the link as a person does: looks at the preview, reveals, copies the value and puts it into the service. */
  async openLink(): Promise<void> {
    const url = (await this.link()) ?? "";
    const preview = await request({ method: "GET", url, caPem: this.caPem });
    if (preview.status !== 200) throw new Error(`The link shows ${preview.status}.`);
    const page = await request({ method: "POST", url, caPem: this.caPem });
    const shown = /<textarea[^>]*>([^<]*)</.exec(page.text)?.[1] ?? "";
    this.secret = shown.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    if (this.secret === "") throw new Error(`The link reveals nothing (${page.status}).`);
  }

  /** Reads the vault secret that the instruction names, as the deploying identity, and puts it into the service. */
  async readVault(): Promise<void> {
    const { instruction } = await this.outcome();
    const [, vaultName, secretName] =
      /--vault-name (\S+) --name (\S+) --query value/.exec(instruction.join("\n")) ?? [];
    const environment = await this.labStack.rehearsal.control.environment();
    const { ARM_CLIENT_ID = "", ARM_CLIENT_SECRET = "" } = environment;
    const { json } = await this.token(ARM_CLIENT_ID, ARM_CLIENT_SECRET, "vault");
    const { vaultSuffix, vaultPort } = (await this.labStack.rehearsal.status()).endpoints;
    const url = `https://${vaultName}.${vaultSuffix}:${vaultPort}/secrets/${secretName}?api-version=7.4`;
    const bearer = String((json as { access_token?: string }).access_token);
    const headers = { authorization: `Bearer ${bearer}` };
    const answer = await request({ method: "GET", url, headers, caPem: this.caPem });
    this.secret = String((answer.json as { value?: string }).value);
  }

  /** Somebody puts in the value that another service has. */
  copyFrom(other: People): void {
    this.secret = other.secret;
  }

  /** Somebody puts in a value that he has from elsewhere. */
  give(secret: string): void {
    this.secret = secret;
  }

  /** Writes into the stack's settings file that the service holds the target's secret. */
  async confirm(keyId?: string): Promise<void> {
    const outcome = await this.outcome();
    const on = (await this.labStack.rehearsal.control.clock()).now.slice(0, 10);
    const confirmation = { keyId: keyId ?? outcome.keyId, on };
    this.labStack.set(["keyturn:confirmations", this.consumer], confirmation);
  }

  private get caPem(): string {
    return readFileSync(join(this.labStack.dir, "lab", "ca.pem"), "utf8");
  }

  private async token(clientId: string, secret: string, resource: "graph" | "vault") {
    const { endpoints, tenantId } = await this.labStack.rehearsal.status();
    const audience = resource === "graph" ? endpoints.graphUrl : `https://${endpoints.vaultSuffix}`;
    return request({
      method: "POST",
      url: `${endpoints.loginUrl}/${tenantId}/oauth2/v2.0/token`,
      headers: { "content-type": "application/x-www-form-urlencoded", "user-agent": USER_AGENT },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: secret,
        scope: `${audience}/.default`,
      }).toString(),
      caPem: this.caPem,
      ...(this.address !== undefined && { localAddress: this.address }),
    });
  }
}
