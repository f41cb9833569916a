/**
 * What is wrong with a file that a person wrote, and where. Diagnostics are values: a parser returns
 * all of them at once; rendering with the source line and a caret is `config/code-frame.ts`.
 */

/** A place in a file: lines and columns are counted from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One defect. `allowed` lists what could stand there, `hint` says what to do. */
export interface Diagnostic {
  readonly file: string;
  readonly at: Position;
  /** How many columns the caret line marks; at least 1. */
  readonly length: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly allowed?: readonly string[];
  readonly hint?: string;
}

/** A path into a parsed document: keys and list indexes from the root. */
export type DocumentPath = readonly (string | number)[];

/** A parsed document that still knows where each of its nodes stands in the file. */
export interface SourceDocument {
  readonly file: string;
  readonly text: string;
  /** The plain value: maps, lists, strings, numbers, booleans, null. */
  readonly value: unknown;
  /**
   * Where the node at `path` stands. With `'key'` the position of its key instead of its value.
   * A path that leads nowhere answers with its nearest existing parent.
   */
  locate(path: DocumentPath, part?: 'key' | 'value'): { at: Position; length: number };
}
