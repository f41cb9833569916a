/** Headers that came in two parts, seen as one. */
import type { Headers } from './message-view.ts';

/** Answers from whichever part has loaded the field. */
export function mergeHeaders(first: Headers, second: Headers): Headers {
  const partFor = (name: string): Headers => (second.isLoaded(name) ? second : first);
  return {
    isLoaded: (name) => first.isLoaded(name) || second.isLoaded(name),
    text: (name) => partFor(name).text(name),
    addresses: (name) => partFor(name).addresses(name),
  };
}
