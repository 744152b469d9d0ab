// Turns an error of the file system into the SFTP status that OpenSSH's server gives for it.
import { utils } from "ssh2";

const { STATUS_CODE } = utils.sftp;

/** A handle that this session did not open, or has closed. */
export class BadHandleError extends Error {
  constructor() {
    super("Bad handle");
    this.name = "BadHandleError";
  }
}

/** @param error anything thrown by a file operation. */
export function statusOf(error: unknown): { readonly code: number; readonly message: string } {
  const errno = error instanceof Error && "code" in error ? error.code : undefined;
  if (errno === "ENOENT" || errno === "ENOTDIR") {
    return { code: STATUS_CODE.NO_SUCH_FILE, message: "No such file" };
  }
  if (errno === "EACCES" || errno === "EPERM" || errno === "EROFS") {
    return { code: STATUS_CODE.PERMISSION_DENIED, message: "Permission denied" };
  }
  if (error instanceof BadHandleError) return { code: STATUS_CODE.FAILURE, message: error.message };
  return { code: STATUS_CODE.FAILURE, message: "Failure" };
}
