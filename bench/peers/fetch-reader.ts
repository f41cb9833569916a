/**
 * The least that a client must do with the rows of a FETCH to have their facts: lines are cut at their
 * ends, literals by their length, and of the rest UID, FLAGS, INTERNALDATE and RFC822.SIZE are picked out.
 * It knows well-formed answers alone: a measure for src/imap, and no replacement.
 */

/** One row: what `basic` and the sections of src/imap bring, undecoded. */
export interface BareRow {
  readonly uid: number;
  readonly flags: string;
  readonly internalDate: string;
  readonly sizeBytes: number;
  /** Literals in the order of the answer. */
  readonly literals: readonly Buffer[];
}

/** Makes a function that takes the octets as they come; rows and tagged lines are told. */
export function createFetchReader(told: {
  onRow(row: BareRow): void;
  onTagged(line: string): void;
}): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let text = '';
  let literals: Buffer[] = [];
  return (chunk) => {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      const end = data.indexOf('\r\n', at);
      if (end < 0) break;
      const line = data.toString('latin1', at, end);
      const open = line.endsWith('}') ? line.lastIndexOf('{') : -1;
      const length = open < 0 ? 0 : Number(line.slice(open + 1, -1));
      if (open >= 0 && end + 2 + length > data.length) break;
      text += line;
      at = end + 2 + length;
      if (open >= 0) {
        literals.push(data.subarray(end + 2, at));
        continue;
      }
      if (text.startsWith('* ')) told.onRow(rowOf(text, literals));
      else told.onTagged(text);
      text = '';
      literals = [];
    }
    rest = data.subarray(at);
  };
}

const UID = / \(?UID (\d+)/;
const FLAGS = /FLAGS \(([^)]*)\)/;
const INTERNAL_DATE = /INTERNALDATE "([^"]*)"/;
const SIZE = /RFC822\.SIZE (\d+)/;

function rowOf(text: string, literals: readonly Buffer[]): BareRow {
  return {
    uid: Number(UID.exec(text)?.[1] ?? 0),
    flags: FLAGS.exec(text)?.[1] ?? '',
    internalDate: INTERNAL_DATE.exec(text)?.[1] ?? '',
    sizeBytes: Number(SIZE.exec(text)?.[1] ?? 0),
    literals,
  };
}
