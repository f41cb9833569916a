/** Effects of a plan from JSON, every member checked. */
import type { ExternalEffect } from '../core/external-effect.ts';
import {
  type Reader,
  readList,
  readNullable,
  readObject,
  readString,
  readWord,
} from './json-shape.ts';

const KINDS = ['save', 'webhook', 'forward', 'exec', 'add_to', 'remove_from'] as const;

const readSecretRef: Reader<{ env: string } | { file: string }> = (value, place) => {
  const isEnv = typeof value === 'object' && value !== null && 'env' in value;
  return isEnv
    ? readObject((member) => ({ env: member('env', readString) }))(value, place)
    : readObject((member) => ({ file: member('file', readString) }))(value, place);
};

/** Reads an effect; throws ShapeError with the place of the first defect. */
export const readEffect: Reader<ExternalEffect> = readObject<ExternalEffect>((member) => {
  const kind = member('kind', readWord(KINDS));
  switch (kind) {
    case 'save':
      return { kind, directory: member('directory', readString) };
    case 'webhook':
      return {
        kind,
        url: member('url', readString),
        secret: member('secret', readNullable(readSecretRef)),
      };
    case 'forward':
      return { kind, to: member('to', readString) };
    case 'exec':
      return { kind, command: member('command', readList(readString)) };
    default:
      return {
        kind,
        list: member('list', readString),
        from: member('from', readString),
        value: member('value', readString),
      };
  }
});
