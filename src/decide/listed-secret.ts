// One client secret of an application, as the directory lists it.

/** One client secret as Entra lists it; Entra never shows a value again. */
export interface ListedSecret {
  readonly displayName: string | null;
  readonly keyId: string;
  readonly startDate: string;
  readonly endDate: string;
}
