// The mistake: ten years, by a clock whose end no preview knows.
import { Rotating } from "./clock";
import { password } from "./parts";

password({ endDate: new Rotating("ten-years", 3650).rotationRfc3339 });
