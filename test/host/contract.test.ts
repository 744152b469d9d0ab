// The host contract on the first shell that is here; contract.full.ts holds every other interpreter to it.
import { holdToContract } from "./contract";
import { quickest } from "../helpers/interpreters";

holdToContract(quickest());
