/** A value that must not be printed: it shows as "•••" in strings, JSON and inspections. */
import { inspect } from 'node:util';

/** Wraps a credential so that no log, error text or journal row can show it by accident. */
export interface Secret {
  /** Gives the value itself; call it only where the value goes on the wire. */
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

const MASK = '•••';

/** Wraps `value`; every way of printing the result shows a mask. */
export function secret(value: string): Secret {
  const wrapped = {
    reveal: () => value,
    toString: () => MASK,
    toJSON: () => MASK,
    [inspect.custom]: () => MASK,
  };
  return Object.freeze(wrapped);
}
