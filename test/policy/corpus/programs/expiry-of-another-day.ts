// The mistake: the vault's expiry is not the password's.
import { inDays, password, unixSeconds, vaultSecret } from "./parts";

vaultSecret(password(), { attributes: { expires: unixSeconds(inDays(365)) } });
