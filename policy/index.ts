// The policy pack: serves every rule to the engine. Loaded by the engine only; importing it starts the server.
import { PolicyPack } from "@pulumi/policy";
import { PACK_NAME, policies } from "./pack";

new PolicyPack(PACK_NAME, { policies: policies() });
