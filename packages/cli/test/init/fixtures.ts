// Answers that a stack's file can be made of.
import type { AnswerName, Answers } from "../../init/questions";

export const GUID = "11111111-1111-4111-8111-111111111111";
/** A whole ed25519 key line. */
export const HOST_KEY = `ssh-ed25519 ${Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from("ssh-ed25519"),
  Buffer.from([0, 0, 0, 32]),
  Buffer.alloc(32, 7),
]).toString("base64")}`;

export const GIVEN: Answers = {
  name: "sesar",
  preset: "sesar",
  tenant: GUID,
  subscription: GUID,
  resourceGroup: "rg-identity",
  application: GUID,
  groups: "none",
  anchor: "2026-11-01",
  consumer: "archive",
  host: "archive.example",
  user: "svc-keyturn",
  hostKey: HOST_KEY,
  filePath: "D:\\SESAR\\instance.json",
};

/** The same without some. */
export function without(...names: readonly AnswerName[]): Answers {
  const kept = Object.entries(GIVEN).filter(([name]) => !names.some((one) => one === name));
  return Object.fromEntries(kept);
}
