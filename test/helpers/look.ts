// The input of one look at a host's SSH server, as a state keeps it.
import type { ReachInput } from "../../src/contracts/check-ssh";

export const LOOK: ReachInput = {
  consumer: "archive",
  host: "sesar01",
  port: 22,
  user: "keyturn",
  hostKey: "ssh-ed25519 AAAA",
  privateKey: "sentinel",
  keyId: "k",
  revision: "r",
  attempt: "1",
  retry: 0,
};
