// Holds the run's time against Microsoft's, which its own reads have heard. A run that has read nothing asks Entra's
// public metadata once, without a token.
import { log } from "@pulumi/pulumi";
import { clockProblem } from "../decide/clock";
import { findEndpoints } from "../http/endpoints";
import type { Cloud } from "../http/graph";
import { reasonOf } from "../http/patient-reader";
import { ask } from "../http/request";
import { rememberTime, saidTimes } from "../http/said-times";

const ASKING_MILLISECONDS = 5_000;

/** Refuses a run whose time is not Microsoft's. @throws Error that says both times */
export async function refuseWrongClock(cloud: Cloud, now: Date): Promise<void> {
  if (saidTimes().length === 0) await askEntra(cloud);
  const problem = clockProblem(now, saidTimes());
  if (problem !== undefined) throw new Error(problem);
}

async function askEntra(cloud: Cloud): Promise<void> {
  try {
    const { login } = await findEndpoints(cloud, process.env);
    const url = `${login}/common/v2.0/.well-known/openid-configuration`;
    rememberTime(url, await ask({ method: "GET", url, timeoutMilliseconds: ASKING_MILLISECONDS }));
  } catch (error) {
    await log.warn(`The clock was not held against Microsoft's: ${reasonOf(error)}.`);
  }
}
