// The mistake: a password that ends in ten days, and no other.
import { inDays, password } from "./parts";

password({ endDate: inDays(10) });
