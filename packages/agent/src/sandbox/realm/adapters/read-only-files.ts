import { File, OpenDirectory, OpenFile, PreopenDirectory, wasi, type Fd } from "@bjorn3/browser_wasi_shim";

/** An open file that neither writes nor grows. */
class ReadOnlyOpenFile extends OpenFile {
  override fd_allocate(): number {
    return wasi.ERRNO_ROFS;
  }

  override fd_filestat_set_size(): number {
    return wasi.ERRNO_ROFS;
  }
}

/** A file of fixed content. */
class ReadOnlyFile extends File {
  constructor(bytes: Uint8Array) {
    super(bytes, { readonly: true });
  }

  override path_open(oflags: number, rights: bigint, fdFlags: number): { ret: number; fd_obj: OpenFile } {
    const opened = super.path_open(oflags, rights, fdFlags);
    return opened.ret === wasi.ERRNO_SUCCESS ? { ...opened, fd_obj: new ReadOnlyOpenFile(this) } : opened;
  }
}

/** A standard input that holds `bytes`. */
export function inputOf(bytes: Uint8Array): Fd {
  return new ReadOnlyOpenFile(new ReadOnlyFile(bytes));
}

/** A folder in memory in which nothing can be made, renamed or removed. */
export class ReadOnlyDirectory extends PreopenDirectory {
  constructor(name: string, files: ReadonlyMap<string, Uint8Array>) {
    super(name, new Map(Array.from(files, ([file, bytes]) => [file, new ReadOnlyFile(bytes)])));
  }

  override path_open(
    dirflags: number,
    path: string,
    oflags: number,
    rights: bigint,
    inheriting: bigint,
    fdFlags: number,
  ): { ret: number; fd_obj: Fd | null } {
    if ((oflags & (wasi.OFLAGS_CREAT | wasi.OFLAGS_TRUNC)) !== 0) return { ret: wasi.ERRNO_ROFS, fd_obj: null };
    const opened = super.path_open(dirflags, path, oflags, rights, inheriting, fdFlags);
    // The folder opened through itself would be the shim's writable kind.
    return opened.fd_obj instanceof OpenDirectory ? { ret: opened.ret, fd_obj: this } : opened;
  }

  override path_create_directory(): number {
    return wasi.ERRNO_ROFS;
  }

  override path_link(): number {
    return wasi.ERRNO_ROFS;
  }

  override path_unlink(): { ret: number; inode_obj: null } {
    return { ret: wasi.ERRNO_ROFS, inode_obj: null };
  }

  override path_unlink_file(): number {
    return wasi.ERRNO_ROFS;
  }

  override path_remove_directory(): number {
    return wasi.ERRNO_ROFS;
  }
}
