// Who owns what is made: whoever makes it, since the least permission reaches owned objects only, and who shall go on with it.
import type * as pulumi from "@pulumi/pulumi";

/** Each once: a pipeline that is named, and makes it itself, is one owner. */
export function ownersWith(
  maker: pulumi.Output<string>,
  others: readonly string[] = [],
): pulumi.Output<string[]> {
  return maker.apply((id) => [
    id,
    ...new Set(others.map((one) => one.toLowerCase()).filter((one) => one !== id.toLowerCase())),
  ]);
}
