// What one run does, as data: made by plan.ts, put into words by reason.ts, carried out by the components.
import type { History } from "./history";
import type { Epoch } from "./schedule";

/** What a declared password is to its consumers. */
export type PasswordRole = "target" | "active" | "retiring" | "releasing" | "skipped";

/** A password that the program declares in this run. */
export interface PlannedPassword {
  /** The epoch's label. */
  readonly label: string;
  /** Its name in Entra: `sesar 2026-05`. */
  readonly displayName: string;
  /** Its end, whole seconds; recorded once, never recomputed for a password that exists. */
  readonly endDate: string;
  /** Whether the engine itself refuses to delete it. */
  readonly protect: boolean;
  /** What it is to its consumers in this run; the reason for declaring it. */
  readonly role: PasswordRole;
}

/** What one run does: which passwords it declares and protects, whose turn it is to hold which, and why. */
export interface Plan {
  /** The credential's name. */
  readonly name: string;
  /** The UTC day of the run. */
  readonly today: string;
  /** The epoch whose secret the consumers are to hold after this run. */
  readonly target: Epoch;
  /** Whether history says that every consumer holds it already. */
  readonly adopted: boolean;
  /** Whether the secret in use is gone and another is issued within its epoch. */
  readonly reissues: boolean;
  /** Part of the hand-over's input: another one makes every consumer answer again. */
  readonly attempt: string;
  /** Since when the target waits for its consumers, and the first day on which that is overdue. */
  readonly waiting: { readonly since: string; readonly until: string } | undefined;
  /** All passwords to declare, the target last. */
  readonly passwords: readonly PlannedPassword[];
  /** Epochs whose overlap runs, and the first day on which each may be released. */
  readonly retiring: readonly { readonly label: string; readonly until: string }[];
  /** Epochs declared unprotected in this run, to be recorded as released. */
  readonly releasing: readonly string[];
  /** Epochs that passed without adoption; they retire once a successor is adopted. */
  readonly skipped: readonly string[];
  /** Released epochs that are there and left out: the engine deletes them in its last phase. */
  readonly released: readonly string[];
  /** Secrets whose time has come, but that the sign-in log does not let go, and why. */
  readonly withheld?: readonly { readonly label: string; readonly why: string }[];
  /** The day of the next rotation. */
  readonly nextRotation: string;
  /** Days until then. */
  readonly daysLeft: number;
  /** The reason in words. */
  readonly reason: string;
  /** The history that the plan was made from; what was released retires again while a consumer is unproven. */
  readonly history: History | undefined;
}
