// The program that Keyturn's start is held against: what any Pulumi program has to load, and one resource without a
// provider, so that there is a first one.
import * as pulumi from "@pulumi/pulumi";

class Nothing extends pulumi.ComponentResource {
  constructor(name: string) {
    super("empty:index:Nothing", name, {}, {});
    this.registerOutputs({});
  }
}

new Nothing("nothing");
