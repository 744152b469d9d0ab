// A clock of @pulumiverse/time, as the programs of the corpus use it.
import { CustomResource, type Output } from "@pulumi/pulumi";

export class Rotating extends CustomResource {
  declare readonly rotationRfc3339: Output<string>;
  constructor(name: string, rotationDays: number) {
    super("time:index/rotating:Rotating", name, { rotationDays, rotationRfc3339: undefined });
  }
}
