// Asking a binary for its version: the CLI by its command, the language host as the engine does.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { run } from "./run";

const answerMilliseconds = 20_000;

/** The version that a CLI answers, without the leading v; undefined when it does not answer. */
export async function askPulumi(file: string): Promise<string | undefined> {
  try {
    const { code, stdout } = await run(file, ["version"], {
      environment: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeoutMilliseconds: answerMilliseconds,
    });
    return code === 0 ? plain(stdout) : undefined;
  } catch {
    return undefined;
  }
}

/** The version that a language host answers over gRPC; undefined when it does not answer. */
export async function askLanguageHost(file: string): Promise<string | undefined> {
  const child = spawn(file, ["127.0.0.1:1"], { stdio: ["pipe", "pipe", "ignore"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), answerMilliseconds);
  try {
    const port = await new Promise<string | undefined>((resolve) => {
      child.once("error", () => resolve(undefined));
      child.once("exit", () => resolve(undefined));
      createInterface({ input: child.stdout }).once("line", resolve);
    });
    return port === undefined ? undefined : await askVersion(port.trim());
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
  }
}

async function askVersion(port: string): Promise<string | undefined> {
  // Loaded here only: an engine that is ready needs no gRPC to say so.
  const { credentials, Client } = await import("@grpc/grpc-js");
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    return await new Promise<string | undefined>((resolve) => {
      client.makeUnaryRequest(
        "/pulumirpc.LanguageRuntime/GetPluginInfo",
        () => Buffer.alloc(0),
        pluginInfoVersion,
        {},
        { deadline: Date.now() + answerMilliseconds },
        (_error, version) => resolve(version === undefined ? undefined : plain(version)),
      );
    });
  } finally {
    client.close();
  }
}

/** Reads PluginInfo, whose only field of ours is the string 1, the version. */
function pluginInfoVersion(message: Buffer): string {
  const length = message[1] ?? 0;
  return message[0] === 0x0a ? message.subarray(2, 2 + length).toString("utf8") : "";
}

function plain(version: string): string {
  return version.trim().replace(/^v/, "");
}
