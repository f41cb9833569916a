/** Conditions that can never hold, and those that always do. */
import type { Diagnostic, DocumentPath } from '../../core/diagnostic.ts';
import { type Clause, clauseOf, excludes, implies, isEmpty, rangeOf } from './implication.ts';
import { complain, type RawRule } from './raw-rules.ts';

/** One complaint a rule at most: what is built on a contradiction needs none of its own. */
export function checkContradictions(rules: readonly RawRule[]): readonly Diagnostic[] {
  return rules.flatMap((rule) => {
    const path = ['rules', rule.index, 'when'];
    const clause = clauseOf(rule.when, { named: rule.named, path });
    const found = contradictionIn(clause, path);
    if (found !== undefined) {
      return [
        complain(rule.file, found.path, {
          severity: 'warning',
          message: `this can never hold: ${found.why}`,
          hint: 'use any: where one of them is enough, or take one out',
          part: 'key',
        }),
      ];
    }
    const always = alwaysTrueIn(clause, path);
    return always === undefined
      ? []
      : [
          complain(rule.file, always, {
            severity: 'warning',
            message: 'this always holds: one branch is the opposite of another',
            hint: 'take it out, or write what you mean to leave out',
          }),
        ];
  });
}

interface Found {
  readonly path: DocumentPath;
  readonly why: string;
}

function contradictionIn(clause: Clause, path: DocumentPath): Found | undefined {
  switch (clause.kind) {
    case 'test': {
      const range = rangeOf(clause);
      return range !== undefined && isEmpty(range)
        ? { path: clause.path, why: 'no number is in this range' }
        : undefined;
    }
    case 'not':
      return contradictionIn(clause.of, path);
    default: {
      for (const branch of clause.of) {
        const inner = contradictionIn(branch, path);
        if (inner !== undefined) return inner;
      }
      return clause.kind === 'all' ? pairIn(clause.of, path) : undefined;
    }
  }
}

/** Two branches of one `all` that exclude each other; the later one is where to look. */
function pairIn(branches: readonly Clause[], path: DocumentPath): Found | undefined {
  const flat = branches.flatMap(flatten);
  for (const [index, later] of flat.entries()) {
    for (const earlier of flat.slice(0, index)) {
      if (!excludes(earlier, later)) continue;
      return { path: pathOf(later) ?? path, why: `it excludes what stands beside it` };
    }
  }
  return undefined;
}

function flatten(clause: Clause): readonly Clause[] {
  return clause.kind === 'all' ? clause.of.flatMap(flatten) : [clause];
}

function pathOf(clause: Clause): DocumentPath | undefined {
  if (clause.kind === 'test') return clause.path;
  if (clause.kind === 'not') return pathOf(clause.of);
  const [first] = clause.of;
  return first === undefined ? undefined : pathOf(first);
}

function alwaysTrueIn(clause: Clause, path: DocumentPath): DocumentPath | undefined {
  if (clause.kind === 'all') {
    return clause.of.map((each) => alwaysTrueIn(each, path)).find((each) => each !== undefined);
  }
  if (clause.kind !== 'any') return undefined;
  for (const [index, later] of clause.of.entries()) {
    for (const earlier of clause.of.slice(0, index)) {
      const isOpposite =
        (later.kind === 'not' && implies(later.of, earlier)) ||
        (earlier.kind === 'not' && implies(earlier.of, later));
      if (isOpposite) return pathOf(later) ?? path;
    }
  }
  return undefined;
}
