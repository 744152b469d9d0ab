// One credential, of which Pulumi.<stack>.yaml says everything. What is the same in every stack can stand here instead, as the
// second argument: { every: "P6M", vaultLocation: "westeurope" }.
import { Config } from "@pulumi/pulumi";
import { RotatedClientSecret } from "keyturn";

const { outputs } = new RotatedClientSecret(new Config().require("name"));

// The next run plans from what this one records.
export = outputs;
