#!/usr/bin/env node
// keyturn-rehearsal: the rehearsal, and what can be asked of a lab that it left up.
import { runProgram } from "../cli/run-program";
import { rehearsalProgram } from "./program";

runProgram(rehearsalProgram);
