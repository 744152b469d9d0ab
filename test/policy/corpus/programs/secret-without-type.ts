// The mistake: nothing says what the vault secret is.
import { password, vaultSecret } from "./parts";

vaultSecret(password(), { contentType: undefined });
