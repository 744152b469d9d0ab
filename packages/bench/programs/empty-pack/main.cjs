// A pack whose one rule looks at nothing: what the engine and its SDK take for any pack at all.
const { PolicyPack } = require("@pulumi/policy");

new PolicyPack("empty", {
  policies: [
    {
      name: "nothing",
      description: "Nothing.",
      enforcementLevel: "advisory",
      validateResource() {},
    },
  ],
});
