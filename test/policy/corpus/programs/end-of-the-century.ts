// The mistake: a password that lives until 2099.
import { password } from "./parts";

password({ endDate: "2099-12-31T23:59:59Z" });
