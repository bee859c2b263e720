/** A file on the requester's own disk, instead of a value in memory: it is sealed, or opened, piece by piece. */
export class LocalFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }
}
