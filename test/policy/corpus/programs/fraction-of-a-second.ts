// The mistake: JavaScript's own text of an instant, which differs from the state in each run.
import { inDays, password } from "./parts";

password({ endDate: new Date(inDays(300)).toISOString() });
