// The mistake: no host key, so that the secret goes to whoever answers.
import { CopyToRemote } from "@pulumi/command/remote/copyToRemote";
import { asset } from "@pulumi/pulumi";
import { connection } from "./host";

new CopyToRemote("script", {
  connection,
  source: new asset.StringAsset("exit 0"),
  remotePath: "restart.sh",
});
