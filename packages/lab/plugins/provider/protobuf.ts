// The protocol buffer runtime that @pulumi/pulumi's generated messages were built with.
// They check `instanceof`, so another installed version of google-protobuf would be refused.
import { createRequire } from "node:module";

import type * as anyPb from "google-protobuf/google/protobuf/any_pb";
import type * as emptyPb from "google-protobuf/google/protobuf/empty_pb";
import type * as structPb from "google-protobuf/google/protobuf/struct_pb";

const requireOfSdk = createRequire(require.resolve("@pulumi/pulumi/proto/provider_pb"));

export const { Any } = requireOfSdk("google-protobuf/google/protobuf/any_pb") as typeof anyPb;
export const { Empty } = requireOfSdk("google-protobuf/google/protobuf/empty_pb") as typeof emptyPb;
export const { Struct } = requireOfSdk(
  "google-protobuf/google/protobuf/struct_pb",
) as typeof structPb;

export type Any = anyPb.Any;
export type Empty = emptyPb.Empty;
export type Struct = structPb.Struct;
