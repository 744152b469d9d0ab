// The jobs of GitHub Actions and Azure Pipelines that run in the lab's world: what each system says of a job in its
// identity token, and the bearer by which the job asks for one.
import { randomBytes, randomUUID } from "node:crypto";
import { Issuer } from "./issuer";

/** A job on GitHub; with an environment, its subject is the environment, else the branch. */
export interface GitHubJob {
  readonly system: "github";
  /** "owner/repository" */
  readonly repository: string;
  readonly environment?: string;
  readonly branch: string;
}

/** A job on Azure Pipelines that may use a service connection with workload identity federation. */
export interface AzureJob {
  readonly system: "azure";
  readonly organisation: string;
  readonly project: string;
  readonly serviceConnection: string;
}

export type Job = GitHubJob | AzureJob;

/** A job that has begun: whoever knows the bearer is that job. */
export interface RunningJob {
  readonly jobId: string;
  readonly job: Job;
  readonly bearer: string;
  /** Of the service connection; GitHub has none. */
  readonly serviceConnectionId: string;
}

export const GITHUB_ISSUER = "https://token.actions.githubusercontent.com";
/** Of the lab's one organisation on Azure DevOps; service connections that were made lately have Entra itself as issuer. */
export const AZURE_ISSUER = "https://vstoken.dev.azure.com/0b7c4d1e-6f2a-4c83-9d57-1e8a3f6b2c90";

/** Whom Entra wants to be the one a token is for. */
export const EXCHANGE_AUDIENCE = "api://AzureADTokenExchange";

const GITHUB_SECONDS = 300;
const AZURE_SECONDS = 600;

export class Jobs {
  readonly issuers = {
    github: new Issuer(GITHUB_ISSUER),
    azure: new Issuer(AZURE_ISSUER),
  } as const;
  private readonly running: RunningJob[] = [];

  /** @param secretValues keeps every bearer and token, for the search for leaks */
  constructor(private readonly secretValues: Set<string>) {}

  start(job: Job): RunningJob {
    const bearer = randomBytes(32).toString("base64url");
    this.secretValues.add(bearer);
    const started = { jobId: randomUUID(), job, bearer, serviceConnectionId: randomUUID() };
    this.running.push(started);
    return started;
  }

  /** The job of an authorization header; undefined when it is none's, or another job's. */
  of(jobId: string, authorization: string | undefined): RunningJob | undefined {
    const bearer = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
    return this.running.find((one) => one.jobId === jobId && one.bearer === bearer);
  }

  async token({ job }: RunningJob, audience: string): Promise<string> {
    const seconds = job.system === "github" ? GITHUB_SECONDS : AZURE_SECONDS;
    const claims = job.system === "github" ? gitHubClaims(job) : {};
    const issuer = this.issuers[job.system];
    const told = { ...claims, jti: randomUUID(), sub: subjectOf(job) };
    const token = await issuer.sign(told, audience, { lifetimeSeconds: seconds });
    this.secretValues.add(token);
    return token;
  }

  issuer(url: string): Issuer | undefined {
    return Object.values(this.issuers).find((one) => one.url === url);
  }
}

/** What a federated credential's subject must be for this job, byte for byte. */
export function subjectOf(job: Job): string {
  if (job.system === "azure") {
    return `sc://${job.organisation}/${job.project}/${job.serviceConnection}`;
  }
  const { repository, environment, branch } = job;
  const part =
    environment === undefined ? `ref:refs/heads/${branch}` : `environment:${environment}`;
  return `repo:${repository}:${part}`;
}

function gitHubClaims(job: GitHubJob): Record<string, string> {
  const { repository, environment, branch } = job;
  return {
    ref: `refs/heads/${branch}`,
    ref_type: "branch",
    repository,
    repository_owner: repository.split("/")[0] ?? "",
    runner_environment: "self-hosted",
    ...(environment !== undefined && { environment }),
  };
}
