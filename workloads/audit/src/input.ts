/**
 * What one task audits: a contract file and the text of everything it imports, by source name.
 * A type alias, so that it can be used where JSON is asked for.
 */
export type AuditInput = {
  /** The source name of the file to audit; a key of `sources`. */
  readonly path: string;
  readonly sources: { readonly [name: string]: string };
};
