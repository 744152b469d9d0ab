// The mistake: a clock replaces the password in place, as many a tutorial shows.
import { CustomResource, type Output } from "@pulumi/pulumi";
import { password } from "./parts";

/** @pulumiverse/time's Rotating. */
class Rotating extends CustomResource {
  declare readonly rotationRfc3339: Output<string>;
  constructor(name: string, rotationDays: number) {
    super("time:index/rotating:Rotating", name, { rotationDays, rotationRfc3339: undefined });
  }
}

const clock = new Rotating("half-a-year", 180);
password({ rotateWhenChanged: { rotation: clock.id }, endDate: clock.rotationRfc3339 });
