// The mistake: a clock replaces the password in place, as many a tutorial shows.
import { Rotating } from "./clock";
import { password } from "./parts";

const clock = new Rotating("half-a-year", 180);
password({ rotateWhenChanged: { rotation: clock.id }, endDate: clock.rotationRfc3339 });
