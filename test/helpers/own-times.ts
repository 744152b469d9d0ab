// Loaded before all tests: what one file's servers said of the time is no witness in another file of the same process.
import { forgetTimes } from "../../src/http/said-times";

export const mochaHooks = { beforeAll: forgetTimes, afterEach: forgetTimes };
