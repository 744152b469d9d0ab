// Keyturn's own program with a mistake in it: the passwords that KEYTURN_TEST_LEAVE_OUT names are not declared.
import * as azuread from "@pulumi/azuread/applicationPassword";
import { output } from "@pulumi/pulumi";

const leftOut = (process.env["KEYTURN_TEST_LEAVE_OUT"] ?? "").split(",");
const { ApplicationPassword } = azuread;

/** Called with `new`; what it returns takes the place of the password. */
function leave(
  ...[name, args, options]: ConstructorParameters<typeof ApplicationPassword>
): object {
  if (!leftOut.includes(name)) return new ApplicationPassword(name, args, options);
  return {
    keyId: output("00000000-0000-4000-8000-000000000000"),
    value: output("not-a-value"),
    endDate: output(args.endDate),
  };
}
Object.assign(azuread, { ApplicationPassword: leave });

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded after the mistake is in place
export = require("../../../index") as unknown;
