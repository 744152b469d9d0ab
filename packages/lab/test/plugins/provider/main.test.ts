// The plugin process: a child that serves every stand-in for as long as its parent holds the channel.
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import type { PluginsReady } from "../../../plugins/main";
import { StandInClient } from "./client";

const MAIN = join(__dirname, "../../../plugins/main.js");

describe("the plugin process", () => {
  let child: ChildProcess;

  beforeEach(() => {
    child = fork(MAIN, [], { stdio: "ignore" });
  });

  afterEach(() => child.kill("SIGKILL"));

  it("tells its parent a port for every stand-in, and each answers there", async () => {
    const [message] = (await once(child, "message")) as [PluginsReady];
    assert.equal(message.ready, true);
    assert.deepEqual(Object.keys(message.ports).sort(), [
      "azure-native",
      "azuread",
      "command",
      "random",
    ]);
    const versions: unknown[] = [];
    for (const port of Object.values(message.ports)) {
      const client = new StandInClient(port);
      versions.push((await client.call("info", {}))["version"]);
      client.close();
    }
    assert.ok(
      versions.every((each) => /^\d+\.\d+\.\d+$/.test(String(each))),
      String(versions),
    );
  });

  it("ends when its parent lets go of the channel", async () => {
    await once(child, "message");
    const ended = once(child, "exit");
    child.disconnect();
    assert.deepEqual(await ended, [0, null]);
  });

  it("goes on when the terminal interrupts, since the engine still has calls to finish", async () => {
    const [message] = (await once(child, "message")) as [PluginsReady];
    child.kill("SIGINT");
    const client = new StandInClient(message.ports["azuread"] ?? 0);
    assert.deepEqual(await client.call("info", {}), { version: "6.9.1" });
    client.close();
  });

  it("signs in by what its parent tells it, and by nothing that it had before", async () => {
    const [{ ports }] = (await once(child, "message")) as [PluginsReady];
    const answer = async (variables: Readonly<Record<string, string>>): Promise<string> => {
      child.send({ signInBy: variables, order: 1 });
      assert.deepEqual(await once(child, "message"), [{ signsInBy: 1 }, undefined]);
      const client = new StandInClient(ports["azuread"] ?? 0);
      const configured = await client.call("configure", { args: {} });
      client.close();
      return JSON.stringify(configured["error"]);
    };
    const who = { ARM_TENANT_ID: "tenant", ARM_METADATA_HOSTNAME: "127.0.0.1:1" };
    assert.match(await answer({ ...who, ARM_CLIENT_ID: "one" }), /not set: azuread:clientSecret/);
    const secret = { ...who, ARM_CLIENT_ID: "one", ARM_CLIENT_SECRET: "s" };
    assert.match(await answer(secret), /ECONNREFUSED|connect/);
    assert.match(await answer(who), /not set: azuread:clientId .*, azuread:clientSecret/);
  });

  it("says which port is taken when it cannot serve", async () => {
    const [first] = (await once(child, "message")) as [PluginsReady];
    const taken = String(Math.min(...Object.values(first.ports)));
    const second = fork(MAIN, ["--port", taken], { stdio: "ignore" });
    const [message] = (await once(second, "message")) as [{ ready: boolean; error: string }];
    assert.equal(message.ready, false);
    assert.match(message.error, new RegExp(`did not start: .*${taken}`));
    assert.deepEqual(await once(second, "exit"), [1, null]);
  });
});
