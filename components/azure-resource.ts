// A resource of Azure at the version of its API that src/arm-types.ts names. The SDK's own class can name only its default
// one; this is the same resource under another token, and the alias makes it the one that an earlier release declared.
import { getVersion } from "@pulumi/azure-native/utilities";
import type * as pulumi from "@pulumi/pulumi";
import { CustomResource, mergeOptions } from "@pulumi/pulumi";
import { type ArmResourceType, defaultTokenOf, tokenOf } from "../src/arm-types";

/** A resource by its type, without anything around it. */
export abstract class AzureResource extends CustomResource {
  /** @param answered names of what Azure answers beside the inputs */
  constructor(
    type: ArmResourceType,
    name: string,
    inputs: pulumi.Inputs,
    answered: readonly string[],
    opts?: pulumi.CustomResourceOptions,
  ) {
    const outputs = Object.fromEntries(
      ["azureApiVersion", ...answered].map((one) => [one, undefined]),
    );
    const own = { version: getVersion(), aliases: [{ type: defaultTokenOf(type) }] };
    super(tokenOf(type), name, { ...inputs, ...outputs }, mergeOptions(own, opts));
  }
}
