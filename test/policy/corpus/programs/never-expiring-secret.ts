// The mistake: a vault secret that never expires.
import { password, vaultSecret } from "./parts";

vaultSecret(password(), { attributes: { enabled: true } });
