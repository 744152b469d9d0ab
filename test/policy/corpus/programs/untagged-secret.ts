// The mistake: nothing says which password the vault secret holds.
import { password, vaultSecret } from "./parts";

vaultSecret(password(), {}, { team: "archive" });
