// A host that no preview connects to.
export const hostKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMn8sdsc4lq2zbo2E1oKWPI69hr5ayBtJ7Uji+4esYXR";
export const connection = { host: "archive.example", user: "operator", password: "unused" };
