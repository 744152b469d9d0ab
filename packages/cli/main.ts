#!/usr/bin/env node
// keyturn: what an operator and a pipeline run on a stack.
import { keyturnProgram } from "./program";
import { runProgram } from "./run-program";

runProgram(keyturnProgram);
