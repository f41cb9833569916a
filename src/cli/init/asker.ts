/** Who answers the questions of `init`: a person at a terminal, or the flags. */

import type { Secret } from '../../core/secret.ts';
import type { RuleSuggestion } from '../../engine/setup/suggest-rules.ts';
import type { Survey } from '../../engine/setup/survey.ts';
import type { Answers } from './answers.ts';
import type { Folder } from './folder.ts';

/** A proposed rule with what it would move now. */
export interface Proposal {
  readonly suggestion: RuleSuggestion;
  /** Messages of INBOX that it would move, of whatever age. */
  readonly moves: number;
  /** It fits into what the first run may move. */
  readonly fits: boolean;
}

/** One of the two. Every method throws INTERRUPTED when the person stops; nothing was written then. */
export interface Asker {
  /** Whether files that are there may be replaced. Throws USAGE where nobody can be asked. */
  mayReplace(folder: Folder): Promise<boolean>;
  answers(): Promise<Answers>;
  /** Another password after a refusal; null: give up. */
  passwordAgain(refusal: string): Promise<Secret | null>;
  /** Tells what lies there. */
  tellSurvey(answers: Answers, survey: Survey): void;
  /** The names of the rules that are to be on. */
  chooseRules(
    proposals: readonly Proposal[],
    outlook: { readonly days: number; readonly allowed: number },
  ): Promise<ReadonlySet<string>>;
  confirmWrite(files: readonly string[]): Promise<boolean>;
}
