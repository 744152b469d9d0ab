// The mistake: the password inside the application.
import { application, inDays } from "./parts";

application({ password: { displayName: "archive", endDate: inDays(300) } });
