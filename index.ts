// Keyturn's own program: one credential, of which the stack's config says everything.
import "./src/compile-cache";
import { Config } from "@pulumi/pulumi";
import { RotatedClientSecret } from "./components/rotated-client-secret";

const DEFAULT_NAME = "sesar";

export = () => new RotatedClientSecret(new Config().get("name") ?? DEFAULT_NAME).outputs;
