// SFTP on the real file system; a relative path starts in the home folder, as with OpenSSH's sftp-server.
import type { SFTPWrapper } from "ssh2";
import { utils } from "ssh2";
import { SftpFiles, attributesOf } from "./sftp-files";
import { statusOf } from "./sftp-status";

const { STATUS_CODE } = utils.sftp;

/**
 * Answers one SFTP session until it ends; handles that are left open are closed then.
 * @param arrived is told how many bytes of files have arrived, with each piece before it is written.
 */
export function serveSftp(
  sftp: SFTPWrapper,
  home: string,
  arrived: (bytes: number) => void = () => undefined,
): void {
  let bytes = 0;
  const files = new SftpFiles(home);
  const unfinished = new Set<Promise<void>>();
  const answer = (requestId: number, work: () => Promise<void>): void => {
    const finished = work().catch((error: unknown) => {
      const { code, message } = statusOf(error);
      sftp.status(requestId, code, message);
    });
    unfinished.add(finished);
    void finished.finally(() => unfinished.delete(finished));
  };
  const done = (requestId: number, work: () => Promise<unknown>): void =>
    answer(requestId, async () => {
      await work();
      sftp.status(requestId, STATUS_CODE.OK);
    });

  sftp.on("OPEN", (id, path, flags, attributes) =>
    answer(id, async () => sftp.handle(id, await files.open(path, flags, attributes.mode))),
  );
  sftp.on("READ", (id, handle, offset, length) =>
    answer(id, async () => {
      const data = await files.read(handle, offset, length);
      if (data.length === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, data);
    }),
  );
  sftp.on("WRITE", (id, handle, offset, data) => {
    arrived((bytes += data.length));
    done(id, () => files.write(handle, offset, data));
  });
  sftp.on("CLOSE", (id, handle) => done(id, () => files.close(handle)));
  sftp.on("FSTAT", (id, handle) =>
    answer(id, async () => sftp.attrs(id, attributesOf(await files.handleStat(handle)))),
  );
  sftp.on("FSETSTAT", (id, handle, attributes) =>
    done(id, () => files.setHandleAttributes(handle, attributes)),
  );
  sftp.on("STAT", (id, path) =>
    answer(id, async () => sftp.attrs(id, attributesOf(await files.stat(path)))),
  );
  sftp.on("LSTAT", (id, path) =>
    answer(id, async () => sftp.attrs(id, attributesOf(await files.lstat(path)))),
  );
  sftp.on("SETSTAT", (id, path, attributes) =>
    done(id, () => files.setAttributes(path, attributes)),
  );
  sftp.on("OPENDIR", (id, path) =>
    answer(id, async () => sftp.handle(id, await files.openFolder(path))),
  );
  sftp.on("READDIR", (id, handle) =>
    answer(id, async () => {
      const entries = await files.readFolder(handle);
      if (entries.length === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.name(id, entries);
    }),
  );
  sftp.on("MKDIR", (id, path, attributes) =>
    done(id, () => files.makeFolder(path, attributes.mode)),
  );
  sftp.on("RMDIR", (id, path) => done(id, () => files.removeFolder(path)));
  sftp.on("REMOVE", (id, path) => done(id, () => files.remove(path)));
  sftp.on("RENAME", (id, from, to) => done(id, () => files.rename(from, to)));
  sftp.on("REALPATH", (id, path) =>
    answer(id, async () => {
      const filename = await files.realPath(path);
      sftp.name(id, [{ filename, longname: filename, attrs: attributesOf(undefined) }]);
    }),
  );
  // The client has no more to ask: like sftp-server, finish and exit with 0; scp waits for that.
  sftp.on("end", () => {
    void Promise.all(unfinished).then(() => leave(sftp));
  });
  sftp.on("close", () => void files.closeAll());
  sftp.on("error", () => void files.closeAll());
}

/** The library gives an SFTP session no public way to send its exit status. */
interface SftpInternals {
  readonly outgoing: { readonly id: number; readonly state: string };
  readonly _protocol: { exitStatus(channelId: number, status: number): void };
}

function leave(sftp: SFTPWrapper): void {
  const { outgoing, _protocol } = sftp as unknown as SftpInternals;
  if (outgoing.state === "open") _protocol.exitStatus(outgoing.id, 0);
  sftp.end();
}
