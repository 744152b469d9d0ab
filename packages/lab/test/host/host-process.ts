// A host in a process of its own, for the test that kills it.
import { type HostOptions, startHost } from "../../host/host";

void startHost(JSON.parse(process.argv[2] ?? "{}") as HostOptions).then(() => process.send?.("up"));
